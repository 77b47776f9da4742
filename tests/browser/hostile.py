"""Strings of a person who wants to be markup, or to hide what a name says."""

HOSTILE = "<img src=x onerror=\"document.title='hacked'\"><script>document.title='hacked'</script>"
RIGHT_TO_LEFT = "\u202egnp.exe"
