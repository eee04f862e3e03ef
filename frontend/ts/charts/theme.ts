// Colours and type from the page's own tokens: another theme (dark, print, large type) is other values of the same names.

export interface Theme {
  ink: string;
  soft: string;
  grid: string;
  ground: string;
  low: string;
  high: string;
  none: string;
  border: string;
  palette: string[];
  tones: Record<string, string>;
  rise: string;
  fall: string;
  total: string;
  font: string;
  size: number;
}

export function themeOf(element: Element): Theme {
  const style = getComputedStyle(element);
  const token = (name: string): string => style.getPropertyValue(`--chart-${name}`).trim();
  const tones: Record<string, string> = {};
  for (const tone of ["late", "due", "fine", "info", "plain", "accent"]) tones[tone] = token(tone);
  const palette = [1, 2, 3, 4, 5, 6].map((n) => token(String(n)));
  palette.forEach((colour, at) => (tones[`c${at + 1}`] = colour));
  return {
    ink: token("ink"), soft: token("soft"), grid: token("grid"), ground: token("ground"),
    low: token("low"), high: token("high"), none: token("none"), border: token("border"),
    rise: token("rise"), fall: token("fall"), total: token("total"), palette, tones,
    font: style.fontFamily, size: Math.round(parseFloat(style.fontSize) * 0.93),
  };
}

/** The colour of a series or a layer: its tone, else its place in the palette. */
export function colour(theme: Theme, tone: string, at: number): string {
  return theme.tones[tone] || theme.palette[at % theme.palette.length] || theme.ink;
}

/** A colour of the tokens (#rrggbb) with an opacity. */
export function faded(hex: string, opacity: number): string {
  const n = parseInt(hex.slice(1), 16);
  return `rgba(${(n >> 16) & 255}, ${(n >> 8) & 255}, ${n & 255}, ${opacity})`;
}
