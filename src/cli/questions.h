/* The prepared questions of `query @NAME`. */
#ifndef CLI_QUESTIONS_H
#define CLI_QUESTIONS_H

#include <stdio.h>

/* question_sql returns the SQL of a question, NULL if there is none of that name. */
const char *question_sql(const char *name);
/* questions_list prints name and meaning of each. */
void questions_list(FILE *);

#endif
