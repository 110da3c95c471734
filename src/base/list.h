/* Doubly linked lists through the objects themselves: a head is a link, too. */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include "base/span.h"

struct link {
	struct link *prev, *next;
};

/* The object that holds a link. */
#define list_item(link, type, member) ((type *)(void *)((char *)(link) - offsetof(type, member)))
/* A link that is in no list: zero, or after list_remove. */
#define list_empty(head) ((head)->next == NULL || (head)->next == (head))

static inline void list_init(struct link *head)
{
	head->prev = head->next = head;
}

/* list_append puts l at the end of head's list. */
static inline void list_append(struct link *head, struct link *l)
{
	l->prev = head->prev;
	l->next = head;
	head->prev->next = l;
	head->prev = l;
}

/* list_remove takes l out of its list; nothing happens when it is in none. */
static inline void list_remove(struct link *l)
{
	if (!l->next)
		return;
	l->prev->next = l->next;
	l->next->prev = l->prev;
	l->prev = l->next = NULL;
}

#endif
