import { catalogue } from "../kit/messages";

/** Every word of the public register. */
export const words = catalogue({ face: "Public register of cameras" }, { face: "攝影機公開登記冊" });
