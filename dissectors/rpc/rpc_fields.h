/* The fields of the interfaces (idl/), which go on where those of fields.h end: apart, as there are more of them than of all
 * else, and hardly anybody needs their ids. */
#ifndef DISSECTORS_RPC_FIELDS_H
#define DISSECTORS_RPC_FIELDS_H

#include "fields.h"

enum rpc_field_id {
	F__before_rpc = F__rpc - 1,
#define PROTO(id, abbrev, label)                             F_##id,
#define FIELD(id, type, base, names, abbrev, label)          F_##id,
#define OWN(id, type, base, names, abbrev, label)            F_##id,
#define FLAG(id, parent, mask, abbrev, label)                F_##id,
#define BITS(id, parent, mask, base, names, abbrev, label)   F_##id,
#define SECTION(file, title)                                 F__from_##file, F__before_##file = F__from_##file - 1,
#include "gen/fields_rpc.def"
	F__behind_rpc
};
_Static_assert(F__behind_rpc == (int)F__COUNT, "gen/fields_rpc.h counts them");

#endif
