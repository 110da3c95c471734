/* Keys: their names, what they ask for (requests.def, views.def), and files of them. */
#include <ctype.h>

#include "base/text.h"
#include "tui/list.h"
#include "tui/view.h"

static const struct {
	const char *name;
	int key;
} key_names[] = {
	{ "Up", K_UP }, { "Down", K_DOWN }, { "Left", K_LEFT }, { "Right", K_RIGHT }, { "PgUp", K_PGUP }, { "PgDn", K_PGDN },
	{ "Home", K_HOME }, { "End", K_END }, { "Delete", K_DELETE }, { "Backspace", K_BACKSPACE }, { "Enter", K_ENTER },
	{ "Esc", K_ESC }, { "Tab", K_TAB }, { "Space", ' ' }, { "Shift-Left", K_SHIFT_LEFT }, { "Shift-Right", K_SHIFT_RIGHT },
	{ "Shift-Tab", K_SHIFT_TAB },
};

struct request_info {
	const char *name, *keys, *help;
};

static const struct request_info requests[] = {
	{ "", "", "" },
#define GROUP(title)
#define REQ(id, name, keys, help) { name, keys, help },
#include "tui/requests.def"
#undef GROUP
#undef REQ
};

/* Headings and requests in the order of the file. */
static const struct {
	const char *heading;
	enum request request;
} help_lines[] = {
#define GROUP(title) { title, REQ_NONE },
#define REQ(id, name, keys, help) { NULL, REQ_##id },
#include "tui/requests.def"
#undef GROUP
#undef REQ
};

/* The key a word of len bytes names; K_IDLE: none. */
static int key_named(const char *word, size_t len)
{
	size_t at = 0;
	uint32_t code;

	for (size_t i = 0; i < COUNT(key_names); i++) {
		if (strlen(key_names[i].name) == len && !memcmp(key_names[i].name, word, len))
			return key_names[i].key;
	}
	if (len == 6 && !memcmp(word, "Ctrl-", 5))
		return word[5] & 0x1f;
	if (len >= 2 && len <= 3 && word[0] == 'F' && isdigit((uint8_t)word[1]))
		return K_F1 + atoi(word + 1) - 1;
	code = text_utf8_next(word, len, &at);
	return at == len && code != UINT32_MAX ? (int)code : K_IDLE;
}

static bool has_key(const char *keys, int key)
{
	while (*keys) {
		size_t len = strcspn(keys, " ");

		if (key_named(keys, len) == key)
			return true;
		keys += len + strspn(keys + len, " ");
	}
	return false;
}

enum request keys_request(int key)
{
	for (uint32_t i = 1; i < COUNT(requests); i++) {
		if (has_key(requests[i].keys, key))
			return i;
	}
	for (uint32_t i = 0; i < n_list_specs; i++) {
		if (has_key(list_specs[i].keys, key))
			return REQ__LISTS + i;
	}
	return REQ_NONE;
}

enum request keys_named(const char *name, size_t len)
{
	for (uint32_t i = 1; i < COUNT(requests); i++) {
		if (strlen(requests[i].name) == len && !memcmp(requests[i].name, name, len))
			return i;
	}
	return REQ_NONE;
}

void keys_of(enum request request, bool first, char *out, size_t size)
{
	const char *keys = request < REQ__LISTS ? requests[request].keys : list_specs[request - REQ__LISTS].keys;

	snprintf(out, size, "%.*s", first ? (int)strcspn(keys, " ") : (int)strlen(keys), keys);
}

bool keys_help(uint32_t i, struct help_line *line)
{
	*line = (struct help_line){ 0 };
	if (i < COUNT(help_lines)) {
		const struct request_info *r = &requests[help_lines[i].request];

		*line = (struct help_line){ help_lines[i].heading, r->keys, r->help };
		return true;
	}
	i -= COUNT(help_lines);
	if (i <= n_list_specs) {
		if (i == 0)
			line->heading = "Lists of the whole case";
		else
			*line = (struct help_line){ NULL, list_specs[i - 1].keys, list_specs[i - 1].title };
		return true;
	}
	i -= n_list_specs + 1;
	if (i > 0)
		return colon_help(i - 1, line);
	line->heading = "Commands of the : line";
	return true;
}

/* roff: backslashes and leading dots are its own. */
static void print_roff(FILE *f, const char *s)
{
	if (*s == '.' || *s == '\'')
		fputs("\\&", f);
	for (; *s; s++) {
		if (*s == '\\')
			fputs("\\e", f);
		else if (*s == '-')
			fputs("\\-", f);
		else
			fputc(*s, f);
	}
	fputc('\n', f);
}

void tui_keys(FILE *f, bool manual)
{
	struct help_line line;

	for (uint32_t i = 0; keys_help(i, &line); i++) {
		if (manual) {
			fputs(line.heading ? ".SS " : ".TP\n", f);
			print_roff(f, line.heading ? line.heading : line.keys);
			if (!line.heading)
				print_roff(f, line.meaning);
		} else if (line.heading) {
			fprintf(f, "%s%s\n", i ? "\n" : "", line.heading);
		} else {
			fprintf(f, "  %-18s %s\n", line.keys, line.meaning);
		}
	}
}

/* --- files of keys --- */

static int play_typed(struct keys_play *p)
{
	size_t at = p->at;
	uint32_t code = text_utf8_next(p->typed, p->len, &at);

	p->at = (uint32_t)at;
	return code == UINT32_MAX ? '?' : (int)code;
}

static void play_type(struct keys_play *p, int until, bool enter)
{
	int c;

	p->at = p->len = 0;
	while ((c = fgetc(p->file)) != EOF && c != until && c != '\n') {
		if (p->len < sizeof(p->typed) - 2)
			p->typed[p->len++] = (char)c;
	}
	if (enter)
		p->typed[p->len++] = '\n';
}

int keys_play(struct keys_play *p)
{
	char word[40];
	size_t len = 0;
	bool line_start = p->line_start;
	int c;

	if (p->at < p->len)
		return play_typed(p);
	p->line_start = false;
	while ((c = fgetc(p->file)) == ' ' || c == '\n' || c == '\t' || c == '#') {
		line_start = c == '\n';
		while (c == '#' && (c = fgetc(p->file)) != EOF && c != '\n')
			;
		line_start |= c == '\n';
	}
	if (c == EOF)
		return K_EOF;
	if (c == '"') {
		play_type(p, '"', false);
		return p->len ? play_typed(p) : keys_play(p);
	}
	if (c == ':' && line_start) {
		play_type(p, '\n', true);
		p->line_start = true;
		return ':';
	}
	for (; c != EOF && !isspace(c); c = fgetc(p->file)) {
		if (len < sizeof(word) - 1)
			word[len++] = (char)c;
	}
	if (c == '\n')
		ungetc(c, p->file);
	word[len] = '\0';
	if (sscanf(word, "Resize:%dx%d", &p->columns, &p->lines) == 2)
		return K_RESIZE;
	return key_named(word, len);
}
