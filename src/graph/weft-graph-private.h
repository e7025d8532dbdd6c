/* weft-graph-private.h: how a frozen graph lies in memory
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * What does not depend on the numbering of tasks (texts, calls, attributes, group names) is the
 * content, shared by all graphs that were made from one another by permuting or selecting. The
 * rest are the arrays of weft-graph.h, owned here; their const is cast away only to free them.
 */
#pragma once

#include "graph/weft-graph-builder.h"
#include "graph/weft-keys-private.h"

#include <pthread.h>
#include <stdatomic.h>

typedef struct
{
  void *object;
  GDestroyNotify free;
} WeftConstant;

typedef struct
{
  _Atomic uint32_t refs;
  WeftIntern strings;  /* immutable after freeze; arrays.text is its text */
  WeftIntern patterns; /* its table is made by the first weft_graph_find(); lock: lock */
  WeftCall *calls;
  WeftCallLocation *call_locations; /* (nullable) */
  WeftArg *args;
  uint32_t n_calls, n_args;
  WeftTaskAttributes *attributes;
  uint32_t n_attributes;
  WeftResourceNeed *resources; /* of all attributes */
  uint32_t n_resources;
  char *attribute_text; /* metadata of all attributes */
  size_t n_attribute_text;
  uint32_t *group_names; /* string ids */
  uint32_t n_groups;
  WeftConstant *constants;
  uint32_t n_constants;
  char *name, *metadata, *file; /* metadata is nullable */
  GPtrArray *notes;             /* (nullable) (element-type utf8) */
  pthread_mutex_t lock;         /* for the tables of weft_graph_find(), here and in the graphs */
} WeftGraphContent;

struct _WeftGraph
{
  _Atomic uint32_t refs;
  WeftGraphArrays arrays;
  WeftGraphContent *content;
  WeftKeys keys;
  uint32_t n_slots;
  WeftKeyIndex key_index;       /* lock: content->lock while it is made */
  _Atomic bool key_index_ready; /* release when made; acquire before use */
};

/* Whether something of it is an object of this process, of which its encoded form has the place
 * only. */
static inline bool
_weft_graph_has_constants (const WeftGraph *graph)
{
  return graph->content->n_constants > 0;
}

WeftGraphContent *_weft_graph_content_ref (WeftGraphContent *content);
void _weft_graph_content_unref (WeftGraphContent *content);

/* A graph of one reference with no arrays and no content yet. */
WeftGraph *_weft_graph_new (void);
/* @content: (transfer full). Sets the arrays that point into it. */
void _weft_graph_set_content (WeftGraph *graph, WeftGraphContent *content);

/* Fills n_slots and, if a task has several outputs, output_offsets. */
void _weft_graph_make_outputs (WeftGraph *graph);
/* Fills dependents and notify from inputs, afters and units. */
void _weft_graph_make_dependents (WeftGraph *graph);

/**
 * _weft_graph_select:
 * @order: (array): n_tasks old ids, each at most once, topological, no dependency left out
 * @unit_flags: (nullable) (array): by new id
 *
 * weft_graph_permute() for a part of the tasks. Wanted outputs of tasks that are left out are
 * dropped.
 *
 * Returns: (transfer full)
 */
WeftGraph *_weft_graph_select (WeftGraph *graph, const uint32_t *order, uint32_t n_tasks,
                               const uint8_t *unit_flags);

/* The key as it is kept. The texts live as long as the graph. */
void _weft_graph_key_parts (const WeftGraph *graph, uint32_t task, WeftKeyParts *parts);

/**
 * _weft_topological_order:
 * @dep_offsets, @deps: CSR, n + 1; entries from @n on are no tasks and do not count
 * @after_offsets, @afters: (nullable): a second CSR
 * @n_columns: above every entry
 * @order: (out) (array): n ids, the smallest ready one first
 *
 * O(n + edges), and a little more the deeper the numbers are mixed up.
 *
 * Returns: false if there is a cycle; @order then starts with its tasks, each depending on the one
 * before
 *   and the first on the last, and @n_cycle is their number
 */
bool _weft_topological_order (uint32_t n, uint32_t n_columns, const uint32_t *dep_offsets,
                              const uint32_t *deps, const uint32_t *after_offsets,
                              const uint32_t *afters, uint32_t *order, uint32_t *n_cycle);

/* The transpose of one or two CSRs over n_tasks rows: by column 0 … n_columns - 1 the rows,
 * ascending, entry by entry. (transfer full) both */
void _weft_transpose (uint32_t n_tasks, uint32_t n_columns, const uint32_t *dep_offsets,
                      const uint32_t *deps, const uint32_t *after_offsets, const uint32_t *afters,
                      uint32_t **offsets, uint32_t **rows);
