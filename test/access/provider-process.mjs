import { createServer } from 'node:http';
import Provider from 'oidc-provider';

/**
 * A real OpenID Connect provider on a free loopback port, with one account `reader`; its log-in form takes any password.
 * argv: the redirect address of the client, the roles of the account. Prints its issuer.
 */
const [, , redirectUri, roles] = process.argv;
const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'pellucid',
        client_secret: 'of-the-test',
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: 'client_secret_post',
      },
      {
        client_id: 'program',
        client_secret: 'of-the-program',
        redirect_uris: [],
        response_types: [],
        grant_types: ['client_credentials'],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    claims: { openid: ['sub', 'roles'], profile: ['name'] },
    conformIdTokenClaims: false,
    findAccount: (_, id) => ({
      accountId: id,
      claims: async () => ({ sub: id, name: 'Dr. Reader', roles: roles.split(',') }),
    }),
    features: {
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => 'urn:pellucid',
        getResourceServerInfo: (_, resource) => ({
          scope: 'api',
          audience: resource,
          accessTokenFormat: 'jwt',
          accessTokenTTL: 60,
        }),
        useGrantedResource: () => false,
      },
    },
    extraTokenClaims: () => ({ roles: roles.split(',') }),
    pkce: { required: () => true },
    cookies: { keys: ['of the test'] },
    renderError: (ctx, out) => {
      ctx.body = JSON.stringify(out);
    },
  });
  server.on('request', provider.callback());
  process.stdout.write(`${issuer}\n`);
});
process.on('disconnect', () => process.exit(0));
