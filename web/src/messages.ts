/** Every word of the page, in every language. A missing one is a type error. */
const en = {
  title: "Passerby",
  tagline: "A camera network that counts crowds, knows nobody, and can prove it.",
  is: "Pictures here are rebuilt from a background that was proven empty. Whatever moves is a coarse grey mosaic.",
  isnt: "It recognises no face, follows nobody from camera to camera, and reads no number plate.",
  language: "Language",
  theme: "Appearance",
  themeAuto: "As the system",
  themeLight: "Light",
  themeDark: "Dark",
  connected: "Connected",
  disconnected: "No word from the server. Trying again.",
  noCameras: "No cameras yet",
  noCamerasHint: "Name one in site.toml and start the station: passerby run site.toml",
  peopleNow: "people now",
  between: "probably between {low} and {high}",
  vehicles: "{n} vehicles",
  noCount: "No count yet",
  lastCount: "counted {ago}",
  justNow: "just now",
  secondsAgo: "{n} s ago",
  minutesAgo: "{n} min ago",
  hoursAgo: "{n} h ago",
  chart: "People over the last {n} minutes",
  chartBand: "probable range",
  table: "As a table",
  time: "Time",
  people: "People",
  range: "Range",
  countsOnly: "Counts only: no picture leaves",
  countsOnlyHint: "Frames are counted inside the darkroom and forgotten. Only numbers come out.",
  starting: "The picture is starting",
  nothingShown: "Nothing is shown while the camera is away",
  live: "Live",
  recording: "Recording, kept {n} h",
  liveOnly: "Live only, nothing is kept",
  modeCounts: "Counts only",
  state_starting: "Starting",
  state_denied: "Not permitted",
  state_running: "Running",
  state_away: "Away",
  state_failed: "Failed",
  state_stopped: "Stopped",
  stateSince: "since {time}",
  mosaic_none: "Grey cells cover whatever differs from the empty background.",
  mosaic_learning: "The whole picture is a mosaic: the empty background is still being learnt.",
  mosaic_cut: "The whole picture is a mosaic: the view changed suddenly.",
  mosaic_no_background: "The whole picture is a mosaic: too little of the background is proven empty.",
  mosaic_detector_fault: "The whole picture is a mosaic: the detectors did not answer in time.",
  mosaic_size_changed: "The whole picture is a mosaic: the camera changed its picture's size.",
  mosaic_damaged: "The whole picture is a mosaic: the camera's stream arrived damaged.",
  mosaic_covered: "The whole picture is a mosaic: something covers the lens, or the view has changed.",
  mosaic_other: "The whole picture is a mosaic, because it can't be shown safely just now.",
  videoLabel: "Redacted live video of {name}",
  framesPerSecond: "{n} pictures a second",
  hiddenShare: "{n} % of the picture hidden",
  alerts: "Alerts",
} as const;

export type Key = keyof typeof en;

const zhHant: Record<Key, string> = {
  title: "Passerby",
  tagline: "計算人潮、不認識任何人、而且能夠證明的攝影機網路。",
  is: "這裡的畫面由已證實無人的背景重建而成。凡是移動的,都只是粗略的灰色馬賽克。",
  isnt: "它不辨識人臉,不跨攝影機追蹤任何人,也不讀取車牌。",
  language: "語言",
  theme: "外觀",
  themeAuto: "跟隨系統",
  themeLight: "淺色",
  themeDark: "深色",
  connected: "已連線",
  disconnected: "收不到伺服器的消息,正在重試。",
  noCameras: "尚無攝影機",
  noCamerasHint: "請在 site.toml 中加入攝影機並啟動工作站:passerby run site.toml",
  peopleNow: "目前人數",
  between: "大約介於 {low} 到 {high} 之間",
  vehicles: "{n} 輛車",
  noCount: "尚無計數",
  lastCount: "{ago}計數",
  justNow: "剛剛",
  secondsAgo: "{n} 秒前",
  minutesAgo: "{n} 分鐘前",
  hoursAgo: "{n} 小時前",
  chart: "最近 {n} 分鐘的人數",
  chartBand: "可能範圍",
  table: "以表格顯示",
  time: "時間",
  people: "人數",
  range: "範圍",
  countsOnly: "僅計數:沒有畫面外流",
  countsOnlyHint: "影格在暗房中計數後即被遺忘,只有數字會出來。",
  starting: "畫面啟動中",
  nothingShown: "攝影機離線期間不顯示任何畫面",
  live: "即時",
  recording: "錄影中,保留 {n} 小時",
  liveOnly: "僅即時,不保留任何內容",
  modeCounts: "僅計數",
  state_starting: "啟動中",
  state_denied: "未獲許可",
  state_running: "運作中",
  state_away: "離線",
  state_failed: "故障",
  state_stopped: "已停止",
  stateSince: "自 {time} 起",
  mosaic_none: "與無人背景不同之處,一律以灰色方格遮蓋。",
  mosaic_learning: "整個畫面為馬賽克:仍在學習無人的背景。",
  mosaic_cut: "整個畫面為馬賽克:畫面突然改變。",
  mosaic_no_background: "整個畫面為馬賽克:已證實無人的背景太少。",
  mosaic_detector_fault: "整個畫面為馬賽克:偵測器未及時回應。",
  mosaic_size_changed: "整個畫面為馬賽克:攝影機改變了畫面尺寸。",
  mosaic_damaged: "整個畫面為馬賽克:收到的影像串流已損壞。",
  mosaic_covered: "整個畫面為馬賽克:鏡頭被遮住,或視野已改變。",
  mosaic_other: "整個畫面為馬賽克,因為目前無法安全顯示。",
  videoLabel: "{name} 的去識別即時影像",
  framesPerSecond: "每秒 {n} 張畫面",
  hiddenShare: "畫面的 {n} % 已遮蔽",
  alerts: "警示",
};

export const catalogue = { en, "zh-Hant": zhHant } as const;
export type Language = keyof typeof catalogue;
export const languageNames: Record<Language, string> = { en: "English", "zh-Hant": "繁體中文" };

export type Say = (key: Key, values?: Record<string, string | number>) => string;

/** The words of one language; `{name}` is filled in from the values. */
export function sayIn(language: Language): Say {
  return (key, values = {}) =>
    catalogue[language][key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

/** The language that a browser's list of languages asks for. */
export function preferred(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    if (/^zh\b/i.test(tag)) return "zh-Hant";
    if (/^en\b/i.test(tag)) return "en";
  }
  return "en";
}
