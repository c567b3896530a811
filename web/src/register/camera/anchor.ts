const HEX = /^[0-9a-f]{64}$/;
// 32 bytes as a sign's code holds them: base64url without padding.
const CODE = /^[A-Za-z0-9_-]{43}$/;

/** A root's fingerprint in hex, from either way to write it; null where it is none. */
export function anchorOf(text: string): string | null {
  const plain = text.trim().replace(/^#/, "");
  const spaceless = plain.replace(/\s/g, "").toLowerCase();
  if (HEX.test(spaceless)) return spaceless;
  if (!CODE.test(plain)) return null;
  const binary = atob(plain.replace(/-/g, "+").replace(/_/g, "/"));
  return Array.from(binary, (sign) => sign.charCodeAt(0).toString(16).padStart(2, "0")).join("");
}
