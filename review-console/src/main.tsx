import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { STRINGS } from './strings.ts';
import './styles/index.css';

document.documentElement.lang = STRINGS.language;
const root = document.getElementById('root');
if (root) createRoot(root).render(<App />);
