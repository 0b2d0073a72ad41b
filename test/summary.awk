# Shortens `go test -v`: a line a package, the reasons of skipped tests with how
# many they skipped, and everything that a package printed when it failed.
{ package = package $0 "\n" }
/^ *--- SKIP/ { skipped++ }
/: skipped: / { sub(/^.*: skipped: /, ""); reasons["  " $0 "\n"] }
/^(ok|\?)[ \t]/ {
  print
  if (skipped) {
    printf "  %d tests skipped:\n", skipped
    for (r in reasons) printf "  %s", r
  }
}
/^FAIL[ \t]/ { printf "%s", package }
/^(ok|\?|FAIL)[ \t]/ { package = ""; skipped = 0; delete reasons }
END { if (package ~ /FAIL|panic/) printf "%s", package }
