/* bind-build.c: a task's lists and records, from its inputs
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Whatever is built for a call is built of borrowed items: the inputs are held by the scheduler
 * while the kernel runs, constants by the bindings, inner lists by the context, which keeps every
 * box it made in `built`, outer ones before what they hold. When the kernel has returned, the boxes
 * are let go in that order. A box that somebody else holds by now (the kernel returned it, or put
 * it into its result) must outlive the inputs: it gets a hold on each of its items, which in turn
 * makes inner boxes be held when their turn comes.
 *
 * A list laid over a run of inputs has no items of its own, so it gets a copy then. One such box is
 * kept for the next call: a reduction needs one each time.
 *
 * Records own their values from the start: their values lie behind the struct, and only lists can
 * say that they borrow.
 */
#include "config.h"

#include "kernels/weft-bind-private.h"

#include <string.h>

static bool build_value (WeftTask *task, const WeftValue *plan, const WeftValue *inputs,
                         WeftValue *value);

static WeftList *
new_list (WeftTask *task)
{
  WeftList *list = task->spare_list;

  if (list != NULL)
    {
      task->spare_list = NULL;
      return list;
    }
  list = (WeftList *) weft_box_alloc (WEFT_TYPE_LIST, sizeof *list);
  if (list != NULL)
    list->borrowed = true;
  return list;
}

static bool
build_items (WeftTask *task, const WeftBuild *build, const WeftValue *inputs, WeftValue *items)
{
  for (uint32_t i = 0; i < build->n; i++)
    if (!build_value (task, &build->values[i], inputs, &items[i]))
      return false;
  return true;
}

/* Inner boxes come behind this one in `built`, as it is entered before they are made. */
static bool
build_list (WeftTask *task, const WeftBuild *build, const WeftValue *inputs, WeftValue *value)
{
  WeftList *list = new_list (task);
  WeftValue *items = NULL;

  if (list == NULL)
    return false;
  task->built[task->n_built++] = &list->box;
  list->n_items = 0;
  list->tag = build->tag;
  if (build->kind == WEFT_BUILD_RUN)
    items = (WeftValue *) inputs + build->first;
  else
    {
      items = _weft_task_scratch_quick (task, build->n * sizeof *items);
      if (items == NULL || !build_items (task, build, inputs, items))
        return false;
    }
  list->items = items;
  list->n_items = build->n;
  weft_value_take_box (value, &list->box);
  return true;
}

static bool
build_record (WeftTask *task, const WeftBuild *build, const WeftValue *inputs, WeftValue *value)
{
  WeftRecordValue *record;

  if (weft_value_init_record (value, build->shape, NULL) != WEFT_OK)
    return false;
  record = (WeftRecordValue *) value->u.box;
  task->built[task->n_built++] = &record->box;
  for (uint32_t i = 0; i < build->n; i++)
    {
      WeftValue field;

      if (!build_value (task, &build->values[i], inputs, &field))
        return false;
      weft_value_ref (&field);
      record->values[i] = field;
    }
  return true;
}

static bool
build_value (WeftTask *task, const WeftValue *plan, const WeftValue *inputs, WeftValue *value)
{
  if (plan->aux != 0)
    *value = inputs[plan->aux - 1];
  else if (!_weft_value_is_build (plan))
    *value = *plan;
  else if (_weft_value_build (plan)->kind == WEFT_BUILD_RECORD)
    return build_record (task, _weft_value_build (plan), inputs, value);
  else
    return build_list (task, _weft_value_build (plan), inputs, value);
  return true;
}

const WeftValue *
_weft_binding_build (const WeftBinding *binding, const WeftValue *inputs, WeftTask *task,
                     WeftStatus *status)
{
  size_t boxes_bytes = (binding->n_built * sizeof (WeftBox *) + 15) & ~(size_t) 15;
  WeftValue *args = _weft_task_scratch_quick (task, binding->n_args * sizeof *args);

  task->built = _weft_task_scratch_quick (task, boxes_bytes);
  task->n_built = 0;
  if (args == NULL || task->built == NULL)
    {
      *status = WEFT_NO_MEMORY;
      return NULL;
    }
  task->used |= WEFT_TASK_LISTS;
  for (uint32_t i = 0; i < binding->n_args; i++)
    if (!build_value (task, &binding->values[i], inputs, &args[i]))
      {
        _weft_binding_done (binding, NULL, task);
        *status = WEFT_NO_MEMORY;
        return NULL;
      }
  return args;
}

/* ---- the end --------------------------------------------------------------------------------- */

/* From now on the list owns its items. Out of memory ends the program here, as everywhere in GLib:
 * the value was given out already and cannot be taken back. */
static void
become_owner (WeftTask *task, WeftList *list)
{
  size_t n_bytes = list->n_items * sizeof *list->items;
  WeftBuffer *buffer = weft_buffer_new (task->account, n_bytes);
  WeftValue *items;

  g_assert (buffer != NULL);
  items = (WeftValue *) buffer->bytes;
  for (size_t i = 0; i < list->n_items; i++)
    {
      items[i] = list->items[i];
      weft_value_ref (&items[i]);
    }
  list->items = items;
  list->buffer = buffer;
  list->box.n_bytes += n_bytes;
  list->borrowed = false;
}

static bool
is_kept (const WeftBox *box)
{
  return atomic_load_explicit (&((WeftBox *) box)->refs, memory_order_acquire) > 1;
}

static void
let_go (WeftTask *task, WeftBox *box)
{
  WeftList *list = (WeftList *) box;

  if (box->type != WEFT_TYPE_LIST)
    {
      weft_box_unref (box);
      return;
    }
  if (is_kept (box))
    become_owner (task, list);
  else if (task->spare_list == NULL)
    {
      task->spare_list = list;
      return;
    }
  weft_box_unref (box);
}

void
_weft_binding_done (const WeftBinding *binding G_GNUC_UNUSED, const WeftValue *args G_GNUC_UNUSED,
                    WeftTask *task)
{
  uint32_t n = task->n_built;

  if ((task->used & WEFT_TASK_LISTS) == 0)
    return;
  task->n_built = 0;
  task->used &= ~(uint32_t) WEFT_TASK_LISTS;
  for (uint32_t i = 0; i < n; i++)
    let_go (task, task->built[i]);
}

/* ---- types that do not fit ------------------------------------------------------------------- */

const WeftValue *
_weft_binding_refuse (const WeftBinding *binding, const WeftValue *args, WeftTask *task,
                      WeftStatus *status)
{
  const WeftOp *op = binding->op;
  uint32_t i = 0;
  uint32_t param;
  g_autofree char *expected = NULL;

  while (i + 1 < binding->n_args
         && ((binding->accepts[MIN (i, binding->last_param)] >> (args[i].type & 31)) & 1) != 0)
    i++;
  param = MIN (i, binding->last_param);
  expected = _weft_accepts_text (binding->accepts[param]);
  *status = weft_task_fail (task, "argument “%s” of operation “%s” is %s, expected %s",
                            op->params[param].name, op->name,
                            weft_type_name (weft_value_type (&args[i])), expected);
  _weft_binding_done (binding, args, task);
  return NULL;
}
