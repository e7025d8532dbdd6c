/* weft-write-util-private.h: what the writers of other tools' formats share
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "base/weft-intern-private.h"
#include "graph/weft-graph-write-private.h"

/* What a graph says beyond keys and edges. */
typedef enum
{
  WEFT_SAID_OPERATIONS = 1 << 0,
  WEFT_SAID_ATTRIBUTES = 1 << 1, /* timeouts, delays, resources */
  WEFT_SAID_RETRIES = 1 << 2,
  WEFT_SAID_PRIORITIES = 1 << 3,
  WEFT_SAID_LABELS = 1 << 4,
  WEFT_SAID_TASK_METADATA = 1 << 5,
  WEFT_SAID_METADATA = 1 << 6,
  WEFT_SAID_GROUPS = 1 << 7, /* that do not follow from keys */
  WEFT_SAID_RUNTIMES = 1 << 8,
  WEFT_SAID_SIZES = 1 << 9,
  WEFT_SAID_MACHINES = 1 << 10,
  WEFT_SAID_OUTPUTS = 1 << 11, /* several of one task */
  WEFT_SAID_AFTERS = 1 << 12,
  WEFT_SAID_IMPORTS = 1 << 13,
  WEFT_SAID_WANTED = 1 << 14, /* others than all sinks */
  WEFT_SAID_UNITS = 1 << 15,
  WEFT_SAID_KEYS = 1 << 16, /* for writers that had to change some */
} WeftSaid;

/* O(tasks + edges). */
uint32_t _weft_write_said (const WeftGraph *graph);
/* Whether a task is in another group than its key says. */
bool _weft_write_has_own_group (const WeftGraph *graph, uint32_t task);
/* Words for these. (transfer full) (nullable): %NULL for nothing */
char *_weft_write_lost (uint32_t said);

/**
 * _weft_write_names:
 * @names: (out caller-allocates): name of task t is number t; clear it with _weft_intern_clear()
 * @is_allowed: whether a byte of a key may stand in a name
 * @reserved: (array zero-terminated=1): what may not be a name, in upper or lower case
 *
 * A distinct name for each task: its key, with “_” for bytes that are not allowed, and with a
 * number where the name was taken already.
 *
 * Returns: whether any key had to be changed
 */
bool _weft_write_names (const WeftGraph *graph, WeftIntern *names, bool (*is_allowed) (char),
                        const char *const *reserved);

/* The text of a member of a JSON object, as it stands there. Returns: whether there is one */
bool _weft_write_find_member (const char *json, const char *name, const char **text,
                              size_t *n_chars);
/* The same, of a string, unescaped. (transfer full) (nullable) */
char *_weft_write_find_string (const char *json, const char *name);
