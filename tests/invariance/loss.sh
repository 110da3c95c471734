#!/bin/sh
# Loss: each data segment of a capture dropped in turn.
#   tests/invariance/loss.sh SMBSCOPE REWRITE CAPTURE...
# For every segment: one gap of its size is told and nothing else; at most the one message whose header it held is lost,
# its other side stays a row; where it held file content only, no message is lost and `missing` is that very range; no
# hash is claimed for a content that is not whole, and those claimed are true.
set -u
usage="usage: loss.sh SMBSCOPE REWRITE CAPTURE..."
program=${1:?$usage}
rewrite=${2:?$usage}
shift 2
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

# The rows that show a fault, each with its reason; b is the capture as it is (set 1), l a lossy one.
cat >"$work/faults.sql" <<'SQL'
CREATE TEMP TABLE side AS
  SELECT capture_id, sum(request_frame IS NOT NULL) + sum(response_frame IS NOT NULL) AS n FROM commands GROUP BY capture_id;
CREATE TEMP TABLE hole AS
  SELECT capture_id, count(*) AS n, sum(bytes) AS bytes FROM gaps WHERE reason = 'lost' GROUP BY capture_id;
CREATE TEMP TABLE lack AS
  SELECT capture_id, sum(missing_bytes) AS bytes, count(*) AS n FROM transfers WHERE missing_bytes > 0 GROUP BY capture_id;
CREATE TEMP TABLE lossy AS
  SELECT c.capture_id AS id, c.path, coalesce(s.n, 0) AS sides, coalesce(h.n, 0) AS gaps, coalesce(h.bytes, 0) AS lost,
    coalesce(l.bytes, 0) AS missing, coalesce(l.n, 0) AS contents
  FROM captures c LEFT JOIN side s USING (capture_id) LEFT JOIN hole h USING (capture_id) LEFT JOIN lack l USING (capture_id)
  WHERE c.capture_id > 1;
SELECT 'a gap was told ' || gaps || ' times', path FROM lossy WHERE gaps <> 1;
SELECT 'lost ' || ((SELECT n FROM side WHERE capture_id = 1) - sides) || ' messages', path FROM lossy
  WHERE (SELECT n FROM side WHERE capture_id = 1) - sides NOT IN (0, 1);
SELECT 'a message is lost although only content was', path FROM lossy
  WHERE missing = lost AND (SELECT n FROM side WHERE capture_id = 1) - sides <> 0;
SELECT 'more is missing than was lost', path FROM lossy WHERE missing > lost;
SELECT 'the range does not have the bytes it names', l.path FROM lossy l JOIN transfers t ON t.capture_id = l.id
  WHERE t.missing_bytes > 0 AND (instr(t.missing, ',') > 0 OR substr(t.missing, instr(t.missing, '-') + 1)
    - substr(t.missing, 1, instr(t.missing, '-') - 1) + 1 <> t.missing_bytes);
SELECT 'commands and transfers name different amounts', path FROM lossy l WHERE missing <>
  coalesce((SELECT sum(missing_bytes) FROM commands c WHERE c.capture_id = l.id), 0);
SELECT 'a hash of what is not whole', path FROM transfers WHERE sha256 IS NOT NULL AND (missing IS NOT NULL OR unmoved IS NOT NULL OR complete = 0);
SELECT 'a wrong hash', t.path FROM transfers t WHERE t.sha256 IS NOT NULL AND t.sha256 NOT IN
  (SELECT sha256 FROM transfers b WHERE b.capture_id = 1 AND (b.path = t.path OR t.path IS NULL) AND b.direction = t.direction AND b.sha256 IS NOT NULL);
SELECT 'nothing was missing anywhere: the capture moves no content in several segments', '' WHERE NOT EXISTS (SELECT 1 FROM lack);
SQL

for capture; do
	rm -rf "$work/drop" "$work/case.db"
	mkdir "$work/drop"
	cp "$capture" "$work/drop/0000.pcap"
	i=0
	while :; do
		i=$((i + 1))
		name=$(printf '%s/drop/%04d.pcap' "$work" $i)
		# There is no such segment any more: all have been dropped.
		"$rewrite" "$capture" "$name" drop=$i 2>/dev/null || break
	done
	rm -f "$name"
	n=$((i - 1))
	[ $n -gt 0 ] || exit 1
	# All copies are the same conversation; without identities none is taken for a duplicate of another.
	"$program" import -q --set each -o "$work/case.db" "$work"/drop/*.pcap || exit 1
	sqlite3 "$work/case.db" "UPDATE connection SET duplicate_of = NULL"
	faults=$(sqlite3 -separator ': ' "$work/case.db" <"$work/faults.sql")
	bad=$(printf '%s' "$faults" | grep -c .)
	[ "$bad" = 0 ] || printf '%s\n' "$faults" | head -20
	[ "$bad" -le "$n" ] || bad=$n
	failed=$((failed + bad))
	passed=$((passed + n - bad))
	printf '  %-28s %4d segments dropped in turn\n' "$(basename "$capture")" "$n"
done
echo "loss: $passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
