/* The prepared questions. */
#include "cli/questions.h"

#include "base/span.h"

static const struct question {
	const char *name, *meaning, *sql;
} questions[] = {
#define QUESTION(name, meaning, sql) { #name, meaning, sql },
#include "questions.def"
#undef QUESTION
};

const char *question_sql(const char *name)
{
	for (size_t i = 0; i < COUNT(questions); i++)
		if (strcmp(questions[i].name, name) == 0)
			return questions[i].sql;
	return NULL;
}

void questions_list(FILE *out)
{
	for (size_t i = 0; i < COUNT(questions); i++)
		fprintf(out, "@%-14s %s\n", questions[i].name, questions[i].meaning);
}
