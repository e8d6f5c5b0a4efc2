# What failed, of the log of a stage that is given twice: jest's failing tests, each once, and all that a task of nx
# said that failed without any. Usage: awk -f failures.awk LOG LOG
/^> nx run / { task = $4 }
NR == FNR {
  if (/^ *Failed tasks:/) listed = 1
  if (listed && /^- @/) failed[$2]
  if (/^ *FAIL /) tested[task]
  next
}
/^> nx run / { show = task in failed; repeated = 0 }
# jest names all failures again at the end of a long run.
/^Summary of all failing tests/ { repeated = 1 }
task in tested {
  if (/^ *FAIL / || /^  ● /) show = !repeated
  if (/^ *PASS / || /^  ● Console$/ || /^Test Suites:/ || /^Summary of all failing tests/) show = 0
}
/^ *NX +(Running target|Ran target)/ { show = 0 }
show
