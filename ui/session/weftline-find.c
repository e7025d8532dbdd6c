/* weftline-find.c: tasks by a part of their key
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "session/weftline-find.h"

#include <string.h>

typedef struct
{
  uint32_t task, position;
} Match;

static void
look (const WeftModel *model, uint32_t n_tasks, const char *text, uint32_t after,
      WeftlineFound *found, Match ends[2], Match beside[2])
{
  for (uint32_t task = 0; task < n_tasks; task++)
    {
      g_autofree char *key = weft_model_task_dup_key (model, task);
      Match match = { task, found->n_matches + 1 };

      if (key == NULL || strstr (key, text) == NULL)
        continue;
      found->n_matches++;
      if (match.position == 1)
        ends[0] = match;
      ends[1] = match;
      if (after != WEFT_NONE && task < after)
        beside[0] = match;
      if (after != WEFT_NONE && task > after && beside[1].task == WEFT_NONE)
        beside[1] = match;
      if (after == WEFT_NONE && strcmp (key, text) == 0 && beside[1].task == WEFT_NONE)
        beside[1] = match;
    }
}

void
weftline_find (const WeftModel *model, uint32_t n_tasks, const char *text, uint32_t after,
               bool backwards, WeftlineFound *found)
{
  Match ends[2] = { { WEFT_NONE, 0 }, { WEFT_NONE, 0 } };
  Match beside[2] = { { WEFT_NONE, 0 }, { WEFT_NONE, 0 } };
  Match match;

  *found = (WeftlineFound){ .task = WEFT_NONE };
  if (*text == '\0')
    return;
  look (model, n_tasks, text, after, found, ends, beside);
  if (backwards)
    match = beside[0].task != WEFT_NONE ? beside[0] : ends[1];
  else
    match = beside[1].task != WEFT_NONE ? beside[1] : ends[0];
  found->task = match.task;
  found->position = match.position;
}
