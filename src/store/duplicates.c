/* The same conversation seen by two sensors that were imported apart, or at once with clocks so far apart that one copy ended
 * before the other began: the better copy is kept in all sums, the other names it in duplicate_of.  (Of copies that run
 * side by side, the stream layer keeps each byte once by itself.)
 *
 * Two connections are copies of each other when addresses and ports are the same and so is one of: both initial
 * sequence numbers (RFC 9293 3.4.1), a SessionId, which the server draws at random (MS-SMB2 3.3.5.5.1), a logon's challenge
 * (MS-NLMP 2.2.1.2); within one set the first of these, as a client may well have two connections of one session one after
 * the other.  Clocks say nothing: sensors are shifted.  Better is the copy with more messages, then
 * the one with fewer bytes missing, then the one that came first. */
#include "store/store_private.h"

static const char find[] =
	"CREATE TEMP TABLE flow AS SELECT c.connection_id AS id, (SELECT set_id FROM capture p WHERE p.capture_id = c.capture_id) AS set_id, "
	"  a.text || ' ' || c.client_port || ' ' || b.text || ' ' || c.server_port AS ends, "
	"  coalesce(c.messages, 0) AS messages, coalesce(c.client_missing, 0) + coalesce(c.server_missing, 0) AS missing "
	"  FROM connection c JOIN text a ON a.text_id = c.client JOIN text b ON b.text_id = c.server;"
	"CREATE INDEX temp.flow_ends ON flow (ends);"
	"CREATE TEMP TABLE mark AS "
	"  SELECT connection_id AS id, 's' || wire_session_id AS what FROM session WHERE wire_session_id NOT BETWEEN 0 AND 65535 "
	"  UNION SELECT connection_id, 'i' || isn FROM connection WHERE isn IS NOT NULL "
	"  UNION SELECT l.connection_id, 'c' || t.text FROM logon l JOIN text t ON t.text_id = l.challenge;"
	"CREATE INDEX temp.mark_id ON mark (id);"
	"UPDATE connection SET duplicate_of = ("
	"  SELECT o.id FROM flow m JOIN flow o ON o.ends = m.ends AND o.id <> m.id "
	"  WHERE m.id = connection.connection_id "
	"  AND (o.messages > m.messages OR (o.messages = m.messages AND (o.missing < m.missing OR (o.missing = m.missing AND o.id < m.id)))) "
	"  AND EXISTS (SELECT 1 FROM mark x JOIN mark y ON x.what = y.what WHERE x.id = m.id AND y.id = o.id "
	"              AND (o.set_id <> m.set_id OR x.what LIKE 'i%')) "
	"  ORDER BY o.messages DESC, o.missing, o.id LIMIT 1);"
	"DROP TABLE flow; DROP TABLE mark";

/* 1: some connections of a set may be copies of each other. */
static const char one_set[] =
	"SELECT 1 FROM connection WHERE isn IS NOT NULL GROUP BY isn, client_port, server_port HAVING count(*) > count(DISTINCT "
	"(SELECT text FROM text WHERE text_id = client) || ' ' || (SELECT text FROM text WHERE text_id = server)) LIMIT 1";

int duplicates_mark(sqlite3 *db, struct err *err)
{
	/* Most cases end here. */
	if (sql_int(db, 0, "SELECT count(DISTINCT set_id) FROM capture") < 2 && !sql_int(db, 0, "%s", one_set))
		return 0;
	return sql_run(db, err, find);
}
