"""The dataset page's words, in English and 繁體中文."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_EN = {
    "title": "People passing: {site}",
    "lead": "How many people crossed these lines, each way, every quarter of an hour. Nobody is recognised; "
            "every number "
            "carries noise on purpose, so that it says nothing about whether one passage happened.",
    "demo": "DEMO: a site for show. Nothing here proves anything.",
    "other": "繁體中文",
    "newest": "Newest day: {day}",
    "daily": "Day by day",
    "in": "in", "out": "out", "present": "present",
    "chart": "{place}, {day}: passages in (up) and out (down) in each quarter of an hour",
    "chart_days": "{place}: passages of each day, in and out",
    "chart_present": "{place}, {day}: people inside, beyond those when the day began, from the published flows",
    "with_error": "{label}; ± {n} in 9 of 10 cases, from the noise alone",
    "table": "The same as a table", "time": "hour", "date": "day", "none": "below {n}", "unseen": "not observed",
    "legend_in": "in", "legend_out": "out", "legend_none": "not shown: below {n}", "legend_unseen": "camera away",
    "protects": "What this protects, and what it does not",
    "protects_1": "Protected is one passage: one crossing of one line. Whether a certain passage is in these "
                  "numbers or not, "
                  "they look nearly the same (differential privacy, ε = {epsilon} for a passage and day).",
    "protects_2": "It does not hide a person who passes again and again. Nobody is recognised here, so nobody's "
                  "passages can "
                  "be counted together and limited. Who is seen m times in these numbers is protected by m times ε:",
    "protects_3": "A walk over two lines is two passages. The numbers are not “anonymous”: they are protected so "
                  "far, and "
                  "no farther.",
    "times": "seen", "epsilon": "ε", "sure": "how sure a stranger can become, from 50 %",
    "times_n": "{n} ×",
    "data": "Data", "month": "month", "download": "files",
    "dictionary": "What the columns mean", "column": "column", "meaning": "meaning",
    "budget": "The budget, in public",
    "budget_1": "Each draw of noise was recorded before it was made. A camera's day is drawn once and never "
                "again; no day can "
                "exceed its budget. The records form a chain that anybody can add up: {json}, {csv}.",
    "camera": "camera", "days": "days published", "spent": "{measure} of a day", "cap": "most it may be",
    "lost": "draws lost to crashes",
    "check": "Check it yourself", "check_1": "Download this folder, then:",
    "about": "About", "publisher": "Publisher", "contact": "Contact", "licence": "Licence", "plan": "Release plan",
    "plan_1": "signed by operator and reviewer", "mechanism": "Mechanism", "noise": "Noise by",
    "m_kind": "line: crossings of one line; area: all lines around a place",
    "m_place": "camera/line, or the area",
    "m_way": "in; out; or present: people inside at the end of the period, beyond those when the day began, "
             "computed from "
             "the published flows",
    "m_period": "quarter-hour, hour or day",
    "m_start": "when the period begins, local time with offset",
    "m_start_utc": "the same in UTC",
    "m_minutes": "for how many minutes the camera counted",
    "m_value": "passages, with noise; empty where below the threshold or not observed",
    "m_error90": "half of a 90 % interval of what the noise does; errors of counting come on top",
    "m_threshold": "numbers below it are not shown",
    "nothing": "Nothing has been published yet.",
}  # fmt: skip
_ZH = {
    "title": "行人流量：{site}",
    "lead": "每十五分鐘有多少人越過這些計數線、往哪個方向。系統不辨認任何人；每個數字都刻意加入雜訊，因此無法從中"
            "得知某一次經過是否發生。",
    "demo": "示範：此站點僅供展示，不能證明任何事情。",
    "other": "English",
    "newest": "最新一天：{day}",
    "daily": "逐日",
    "in": "進", "out": "出", "present": "在場",
    "chart": "{place}，{day}：每十五分鐘進（上）出（下）人次",
    "chart_present": "{place}，{day}：在場人數（相對當日開始時，由已公布的流量計算）",
    "chart_days": "{place}：每日進出人次",
    "with_error": "{label}；十次中有九次誤差在 ± {n} 以內（僅計雜訊）",
    "table": "以表格顯示", "time": "小時", "date": "日期", "none": "少於 {n}", "unseen": "沒有觀測",
    "legend_in": "進", "legend_out": "出", "legend_none": "不顯示：少於 {n}", "legend_unseen": "鏡頭離線",
    "protects": "保護甚麼，不保護甚麼",
    "protects_1": "受保護的是一次經過，即越過一條線一次。無論某一次經過是否計算在內，這些數字看來都幾乎一樣（差分"
                  "私隱，每次經過每日 ε = {epsilon}）。",
    "protects_2": "它不能隱藏反覆經過的人。系統不辨認任何人，因此無法把同一人的多次經過合併計算並設限。在這些數"
                  "字中出現 m 次的人，其保護程度為 m 倍 ε：",
    "protects_3": "一段路越過兩條線，就是兩次經過。這些數字並非「匿名」：保護到此為止，不多也不少。",
    "times": "出現", "epsilon": "ε", "sure": "陌生人由 50 % 起，最多能有多肯定",
    "times_n": "{n} 次",
    "data": "數據", "month": "月份", "download": "檔案",
    "dictionary": "各欄含義", "column": "欄", "meaning": "含義",
    "budget": "公開的私隱預算",
    "budget_1": "每次抽取雜訊之前均先作紀錄。每個鏡頭的每一天只抽取一次，永不重抽；任何一天都不能超出預算。紀錄串"
                "連成鏈，任何人都可以加總核對：{json}、{csv}。",
    "camera": "鏡頭", "days": "已公布日數", "spent": "每日 {measure}", "cap": "上限",
    "lost": "因故障失去的抽取",
    "check": "自行查核", "check_1": "下載整個資料夾，然後執行：",
    "about": "關於", "publisher": "發布機構", "contact": "聯絡", "licence": "授權條款", "plan": "發布計劃",
    "plan_1": "由營運者及審查者簽署", "mechanism": "機制", "noise": "雜訊產生",
    "m_kind": "line：越過一條線的人次；area：圍繞某處的所有線",
    "m_place": "鏡頭/線，或區域",
    "m_way": "in（進）、out（出），或 present（時段結束時的在場人數，相對當日開始時，由已公布的流量計算）",
    "m_period": "十五分鐘、小時或日",
    "m_start": "時段開始，本地時間連時差",
    "m_start_utc": "同上，協調世界時",
    "m_minutes": "鏡頭有計數的分鐘數",
    "m_value": "人次，已加雜訊；低於門檻或沒有觀測時留空",
    "m_error90": "雜訊造成的 90 % 區間的一半；計數本身的誤差另計",
    "m_threshold": "低於此數的數字不顯示",
    "nothing": "尚未公布任何數據。",
}  # fmt: skip
WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType({"en": _EN, "zh-Hant": _ZH})
PAGES: Mapping[str, str] = MappingProxyType({"en": "index.html", "zh-Hant": "index.zh-Hant.html"})
