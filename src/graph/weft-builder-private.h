/* weft-builder-private.h: what a builder keeps while it is filled
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Per task a few words in parallel arrays that grow together, no allocation of its own; whatever
 * few graphs have (places, groups, attributes, hints, several outputs) is in arrays that exist
 * only once somebody used them. Inputs are appended to one flat array as tasks are added; where
 * tasks are added in the order of their ids, which is the rule, that array already is the frozen
 * one.
 *
 * Ids of imports count down from WEFT_GRAPH_MAX_TASKS - 1.
 */
#pragma once

#include "graph/weft-graph-private.h"
#include "graph/weft-graph-read-private.h"

/* A list, record, map, tag, or the call itself, that is still open. */
typedef struct
{
  uint8_t kind; /* WeftArgKind; FRAME_ARGS, FRAME_KWARGS */
  bool named;   /* a name was given for the next value */
  uint32_t node;
  uint32_t count;
  uint32_t last; /* first node of the last child, or WEFT_NONE */
} WeftCallFrame;

typedef struct
{
  bool open;
  bool failed; /* a mistake was made in this call */
  WeftCall call;
  WeftCallLocation place;
  uint32_t depth; /* of frames */
  WeftCallFrame frames[WEFT_GRAPH_MAX_DEPTH + 1];
} WeftOpenCall;

struct _WeftGraphBuilder
{
  GError *error; /* the first mistake */
  WeftLocation where;
  char *file, *name, *metadata;
  GPtrArray *notes; /* (nullable) (element-type utf8) */
  bool want_sinks;

  WeftIntern strings, patterns;
  WeftIntern raw_patterns; /* of add_numbered() alone, see there */
  uint32_t last_pattern;
  WeftIntern blobs; /* attributes, see attributes.c */

  uint32_t n_tasks;
  size_t tasks_room;
  WeftKeys keys;
  uint32_t *calls;          /* per task; WEFT_NONE: only mentioned */
  uint32_t *starts;         /* per task: its first input; their number is the call's n_slots */
  WeftCallLocation *places; /* (nullable) per task: definition, or first mention */
  uint32_t *groups;         /* (nullable) per task: string id or WEFT_NONE */
  uint32_t *attributes;     /* (nullable) per task: blob or WEFT_NONE */
  int64_t *runtime_ns;      /* (nullable) per task */
  uint32_t *machines;       /* (nullable) per task */
  uint32_t
      *bytes_starts;   /* (nullable) per task: into output_bytes: count, then bytes; or WEFT_NONE */
  uint8_t *unit_flags; /* (nullable) per task */
  /* until a key is asked for that may be there already, what is known of each pattern: a number
   * that is new, as are all above it */
  uint64_t *next_numbers;
  size_t next_numbers_room;
  bool has_key_index;
  WeftKeyIndex key_index;

  uint64_t *output_bytes;
  size_t n_output_bytes, output_bytes_room;
  uint32_t *input_tasks;
  uint16_t *input_outputs; /* (nullable) */
  size_t n_inputs, inputs_room, input_outputs_room;
  uint32_t
      next_in_order; /* the id that has to be added next for inputs to stay in order; else NONE */
  WeftTaskOutput *afters; /* (task, the one before) */
  size_t n_afters, afters_room;
  WeftImport *imports;
  size_t n_imports, imports_room;
  WeftTaskOutput *wanted;
  size_t n_wanted, wanted_room;

  WeftOpenCall open_call;
  WeftArg *args;
  size_t n_args, args_room;
  WeftCall *call_list;
  size_t n_calls, calls_room;
  WeftCallLocation *call_places; /* (nullable) */
  size_t call_places_room;
  uint32_t *call_table; /* call numbers + 1, by hash; 2 n at least */
  uint32_t call_mask;
  WeftConstant *constants;
  size_t n_constants, constants_room;
};

/* Remembers the first mistake, with the place where things are now. */
void _weft_graph_builder_mistake (WeftGraphBuilder *builder, WeftGraphError code,
                                  const char *format, ...) G_GNUC_PRINTF (3, 4);

static inline bool
_weft_graph_builder_is_import (const WeftGraphBuilder *builder, uint32_t id)
{
  return id < WEFT_GRAPH_MAX_TASKS && id >= WEFT_GRAPH_MAX_TASKS - builder->n_imports;
}

/* weft_graph_builder_set_group() by string id. */
void _weft_graph_builder_set_group (WeftGraphBuilder *builder, uint32_t task, uint32_t group);

void _weft_graph_builder_clear_calls (WeftGraphBuilder *builder);
/* Makes content->attributes from the blobs. */
void _weft_graph_builder_take_attributes (WeftGraphBuilder *builder, WeftGraphContent *content);
