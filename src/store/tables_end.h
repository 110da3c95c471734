/* Ends an inclusion of tables.def: its macros go.  Included several times, hence without a guard. */
#undef TABLE
#undef TABLE_END
#undef COL
#undef HIDDEN
#undef VIA
#undef CALC
#undef CALC_TIME
#undef JOIN
#undef TAIL
#undef INDEX
