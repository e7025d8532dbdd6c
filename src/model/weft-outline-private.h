/* weft-outline-private.h: what of a segment's piece is needed at once
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "base/weft-base.h"

typedef struct
{
  uint32_t n;
  uint32_t group; /* the segment's number */
} WeftGroupRun;

typedef struct
{
  bool summarised; /* the piece has a summary: n_tasks, names and counts of groups */
  uint32_t n_tasks;
  GPtrArray *names;
  GArray *counts; /* uint32_t */
  GArray *runs;   /* WeftGroupRun of the tasks told of, in order */
  uint32_t first_task, n_told;
} WeftOutline;

void _weft_outline_init (WeftOutline *outline);
void _weft_outline_clear (WeftOutline *outline);
/* Returns: FALSE when the bytes are wrong */
bool _weft_outline_take (WeftOutline *outline, const void *piece, size_t n_bytes);
