declare const unit: unique symbol;
type Unit<U extends string> = number & { readonly [unit]: U };

export type Millisecond = Unit<'ms'>;
export const ms = (n: number): Millisecond => n as Millisecond;
