// Words that try to be more than words.
const MARK = "́̂̃̈̋̔";

export const HOSTILE = {
    markup: `"'><img src=x onerror="window.hacked=1"><script>window.hacked=1</script><svg onload=window.hacked=1> &amp; &lt;b&gt; javascript:window.hacked=1`,
    mustache:
        "{{csrf_token}} {{{csrf_token}}} {{&csrf_token}} {{>layout}} {{#signed_in}}x{{/signed_in}} {{=<% %>=}} ${7*7}",
    direction: "normal \u202egnp.exe\u202c \u2067אבג\u2069 עברית \u200f end",
    zalgo: [..."zalgo comes"].map((c) => c + MARK.repeat(4)).join(""),
    emoji: "😀👩‍👩‍👧‍👦🏳️‍🌈"
        .repeat(85)
        .slice(0, 1000)
        .replace(/[\ud800-\udbff]$/, ""),
    word: "Donaudampfschifffahrtsgesellschaft".repeat(25),
    spaces: "two  spaces\nand a line\n\n\tand a tab",
};
