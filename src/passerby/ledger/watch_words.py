"""The words of a watchdog's page, in English and traditional Chinese."""

from __future__ import annotations

from collections.abc import Mapping

# state: its headline, and what it means
States = Mapping[str, tuple[str, str]]
NAMES = {"en": "English", "zh-Hant": "繁體中文"}
FILES = {"en": "index.html", "zh-Hant": "index.zh-hant.html"}
SIGNS = {  # state: its tone, and its sign
    "new": ("open", "…"),
    "sound": ("good", "✓"),
    "forked": ("bad", "✕"),
    "rolled back": ("bad", "✕"),
    "false": ("bad", "✕"),
    "truncated": ("open", "?"),
    "stale": ("open", "?"),
    "unreachable": ("open", "?"),
    "undecided": ("open", "?"),
}
STATES: Mapping[str, States] = {
    "en": {
        "new": ("Not looked yet", "The first look is under way."),
        "sound": ("Sound", "The log continues what it showed before, and every entry is held here."),
        "forked": (
            "Forked",
            "The log signed two different histories. One of them is a lie. The evidence below proves it to anybody, "
            "without trust in this watchdog.",
        ),
        "rolled back": (
            "Rolled back",
            "The log shows fewer entries than it has signed before. Entries were taken away, or an old copy is shown; "
            "what was there is held here.",
        ),
        "false": ("False", "What the log shows is not what it signed, or an act in it says what can't be."),
        "truncated": ("Truncated", "Entries that the log has signed are missing from what it serves."),
        "stale": ("Stale", "Nothing fresh comes from the log: it is stopped, cut off, or hides something."),
        "unreachable": ("Unreachable", "The log could not be read. Nothing is known since the last good look."),
        "undecided": ("Not decided", "Something prevents a verdict: it is neither proven nor refuted."),
    },
    "zh-Hant": {
        "new": ("尚未查看", "正在進行首次查看。"),
        "sound": ("無誤", "記錄延續了先前所示的內容，每一條目均存於此處。"),
        "forked": ("分叉", "該記錄簽署了兩段不同的歷史，其中一段是假的。下列證據可向任何人證明，無須信任本監察者。"),
        "rolled back": ("倒退", "記錄所示的條目比先前簽署的少。條目被移走，或展示的是舊副本；原有內容存於此處。"),
        "false": ("虛假", "記錄所示並非其所簽署的內容，或其中某項行為不可能成立。"),
        "truncated": ("缺漏", "記錄已簽署的條目在其提供的內容中缺失。"),
        "stale": ("停滯", "記錄沒有新內容：它已停止、斷線，或有所隱瞞。"),
        "unreachable": ("無法連接", "無法讀取記錄。自上次成功查看後，情況不明。"),
        "undecided": ("未能判定", "有事妨礙作出判定：既未證實，也未推翻。"),
    },
}
WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "title": "Watchdog of {log}",
        "by": "Written by a program that somebody independent of the log runs. Times are UTC.",
        "evidence": "Evidence",
        "proven": "What was proven at the last look",
        "not proven": "What is never proven here",
        "facts": "Facts",
        "log": "Log",
        "address": "Address",
        "looked": "Last look",
        "good": "Last good look",
        "grew": "Last new entry seen",
        "held": "Entries held here",
        "root": "Root",
        "unknown": "not known yet",
        "none": "none",
        "never": "never",
        "events": "What happened, newest first",
        "check": "Check it yourself",
        "checker": "Check a proof or evidence in this browser",
        "copy": "the copy held here",
        "language": "Language",
        "counted": "Counted by this watchdog from the {entries} entries that it holds, as of {at}.",
        "broken": "The entries tell of broken promises; marked below: {number}.",
        "uncounted": "The entries could not be counted: {why}.",
    },
    "zh-Hant": {
        "title": "{log} 的監察頁",
        "by": "由獨立於該記錄的人所運行的程式編寫。時間為世界協調時間（UTC）。",
        "evidence": "證據",
        "proven": "上次查看證實了甚麼",
        "not proven": "此處從不證實的事",
        "facts": "資料",
        "log": "記錄",
        "address": "網址",
        "looked": "上次查看",
        "good": "上次成功查看",
        "grew": "上次見到新條目",
        "held": "存於此處的條目",
        "root": "根雜湊",
        "unknown": "尚不知道",
        "none": "沒有",
        "never": "從未",
        "events": "發生過的事（最新在前）",
        "check": "自行查核",
        "checker": "在瀏覽器內查核證明或證據",
        "copy": "存於此處的副本",
        "language": "語言",
        "counted": "由本監察者從所存的 {entries} 個條目點算，截至 {at}。",
        "broken": "記錄列明了未履行的承諾：下方標示了 {number} 項。",
        "uncounted": "未能點算條目：{why}。",
    },
}
