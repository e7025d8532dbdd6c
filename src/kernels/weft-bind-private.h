/* weft-bind-private.h: what the files that bind calls share
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 *   bind.c           a graph: operations by name, one binding a call, the memory of all of them
 *   bind-call.c      a call: positional and keyword arguments to parameters
 *   bind-template.c  an argument: template nodes to a constant, an input or a plan
 *   bind-build.c     a task: lists and records from plans and inputs, and their end
 */
#pragma once

#include "kernels/weft-binding-private.h"

#include "graph/weft-graph-read-private.h"

typedef enum
{
  WEFT_BUILD_RUN,   /* a list laid over inputs first … first + n - 1 */
  WEFT_BUILD_LIST,  /* a list of `values` */
  WEFT_BUILD_RECORD /* a record of `values` */
} WeftBuildKind;

/* How to build a list or record at each call. */
typedef struct
{
  uint8_t kind; /* WeftBuildKind */
  uint32_t first;
  uint32_t n;
  const char *tag;        /* (nullable): lists; interned */
  WeftRecordShape *shape; /* RECORD */
  WeftValue *values;      /* LIST, RECORD: n, encoded as in WeftBinding.values */
} WeftBuild;

static inline bool
_weft_value_is_build (const WeftValue *value)
{
  return value->type == WEFT_TYPE_EMPTY && value->aux == 0;
}

static inline const WeftBuild *
_weft_value_build (const WeftValue *value)
{
  return (const WeftBuild *) (uintptr_t) value->u.bits;
}

/* All bindings of a graph, and what they point to. */
typedef struct
{
  WeftOpRegistry *registry; /* holds a reference */
  WeftGraph *graph;         /* holds a reference: constants */
  GPtrArray *chunks;        /* memory, from malloc */
  GPtrArray *boxes;         /* WeftBox: constants, a reference each */
  GPtrArray *shapes;        /* WeftRecordShape: likewise */
  char *at, *end;           /* free memory in the last chunk */
  WeftBinding bindings[];
} WeftBindingSet;

/* Binding one graph, call after call. */
typedef struct
{
  WeftBindingSet *set;
  const WeftGraphArrays *arrays;
  const WeftForeignClasses *classes;
  GHashTable *accepts; /* WeftOp * → uint32_t *, in the set's memory */
  /* the call being bound */
  uint32_t call;
  const WeftOp *op;
  GArray *values; /* WeftValue: by argument */
  GArray *given;  /* char: by argument, whether given */
  uint64_t n_slot_uses;
  uint32_t n_built;
  uint32_t n_positional;
  WeftArgumentPlace argument; /* that is looked at: where an error is */
  GError **error;
} WeftBinder;

/* Memory that lives as long as the bindings; 16-byte aligned, not cleared. */
void *_weft_binder_alloc (WeftBinder *binder, size_t n_bytes);
/* Sets "file:line:column: task “key”: operation “op”: " and the text. Returns: false */
bool _weft_binder_fail (WeftBinder *binder, WeftGraphError code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
const uint32_t *_weft_binder_accepts (WeftBinder *binder);

/* Fits the call's arguments to binder->op and fills @binding. */
bool _weft_bind_call (WeftBinder *binder, WeftBinding *binding);
/* What one argument is; @name for messages. Returns: false with an error set */
bool _weft_bind_argument (WeftBinder *binder, const WeftArg *node, WeftValue *value);

/* "int64, float64 or bool". (transfer full) */
char *_weft_accepts_text (uint32_t accepts);
