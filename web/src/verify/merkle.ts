import { type Bytes, join, need, same, sha256 } from "./bytes";

/** The hash of an entry (RFC 6962). */
export const leafHash = (entry: Bytes): Promise<Bytes> => sha256(join([0], entry));

const nodeHash = (left: Bytes, right: Bytes): Promise<Bytes> => sha256(join([1], left, right));

/** The leaf is at `index` in the tree of `size` leaves with this root (RFC 9162, 2.1.3.2). */
export async function verifyInclusion(
  leaf: Bytes,
  index: bigint,
  size: bigint,
  proof: readonly Bytes[],
  root: Bytes,
): Promise<void> {
  need(index < size, "index", `${index} / ${size}`);
  let node = index;
  let last = size - 1n;
  let found = leaf;
  for (const sibling of proof) {
    need(last > 0n, "path");
    if (node & 1n || node === last) {
      found = await nodeHash(sibling, found);
      while (!(node & 1n) && node) {
        node >>= 1n;
        last >>= 1n;
      }
    } else found = await nodeHash(found, sibling);
    node >>= 1n;
    last >>= 1n;
  }
  need(last === 0n, "path");
  need(same(found, root), "path");
}
