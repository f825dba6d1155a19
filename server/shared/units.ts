declare const unit: unique symbol;
type Unit<U extends string> = number & { readonly [unit]: U };

export type Millimetre = Unit<'mm'>;
export type Millisecond = Unit<'ms'>;
export type Millilitre = Unit<'ml'>;
export const mm = (n: number): Millimetre => n as Millimetre;
export const ms = (n: number): Millisecond => n as Millisecond;
export const ml = (n: number): Millilitre => n as Millilitre;
