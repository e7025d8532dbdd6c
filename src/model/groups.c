/* groups.c: groups of tasks, by name through all segments
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A span has 16 bits for its group. What is beyond WEFT_GROUP_OTHER names counts as one group,
 * “other”.
 */
#include "config.h"

#include "model/weft-model-private.h"

static uint16_t
add (WeftModel *model, const char *name)
{
  uint32_t n = _weft_get (model->n_groups);
  WeftModelGroupData *group = _weft_blocks_grow (&model->groups, n, sizeof *group);
  char *copy = g_strdup (name);

  group->name = copy;
  atomic_store_explicit (&model->n_groups, n + 1, memory_order_release);
  if (n < WEFT_GROUP_OTHER)
    g_hash_table_insert (model->group_numbers, copy, GUINT_TO_POINTER (n + 1));
  return (uint16_t) n;
}

uint16_t
_weft_model_add_group (WeftModel *model, const char *name)
{
  uint32_t found = GPOINTER_TO_UINT (g_hash_table_lookup (model->group_numbers, name));

  if (found > 0)
    return (uint16_t) (found - 1);
  if (_weft_get (model->n_groups) > WEFT_GROUP_OTHER)
    return WEFT_GROUP_OTHER;
  return add (model, _weft_get (model->n_groups) < WEFT_GROUP_OTHER ? name : "other");
}

void
weft_model_group (const WeftModel *model, uint32_t group, WeftModelGroup *info)
{
  const WeftModelGroupData *data = _weft_model_group (model, (uint16_t) group);

  info->name = data->name;
  info->n_tasks = _weft_get (data->n_tasks);
  for (unsigned state = 0; state < WEFT_TASK_N_STATES; state++)
    info->n_states[state] = _weft_get (data->n_states[state]);
  info->busy_ns = _weft_get (data->busy_ns);
  info->longest_ns = _weft_get (data->longest_ns);
  info->n_ended = _weft_get (data->n_ended);
  info->live_bytes = _weft_get (data->live_bytes);
}
