/* nested.c: tasks that return a graph whose result becomes their own
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The graph is attached as a segment with a parent: the task it stands in for. No thread waits; the
 * parent stays open until the segment's last task has ended, then its outputs are the segment's
 * wanted outputs. That may in turn end a parent's parent; the seat works such endings off one after
 * the other (_weft_seat_tell_done()), never by recursion, so nesting may be as deep as memory
 * allows.
 */
#include "config.h"

#include "sched/weft-careful-private.h"

struct _WeftParent
{
  WeftItem item;
};

const WeftItem *
_weft_parent_item (const struct _WeftParent *parent)
{
  return &parent->item;
}

/* The task's kernel returned a graph. */
bool
_weft_replace (WeftSeat *seat, WeftItem *item, WeftItem *next)
{
  g_autoptr (GError) error = NULL;
  WeftGraph *graph = g_steal_pointer (&seat->task.replacement);
  WeftExtendOptions options = { seat->task.replacement_values, seat->task.n_replacement_values,
                                item->segment->priority };
  struct _WeftParent *parent = g_new0 (struct _WeftParent, 1);
  WeftSegment *segment = NULL;
  uint32_t n_outputs = _weft_item_n_outputs (item);

  parent->item = *item;
  if (weft_graph_arrays (graph)->n_wanted < n_outputs)
    g_set_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_GRAPH,
                 "the returned graph asks for %u outputs, the task has %u",
                 weft_graph_arrays (graph)->n_wanted, n_outputs);
  else
    segment = _weft_run_add (seat->run, graph, &options, parent, &error);
  weft_graph_unref (graph);
  if (segment != NULL)
    {
      _weft_drop_inputs (item->segment, item->task, &seat->task.stolen);
      _weft_item_give_resources (seat->run->engine, item);
      g_clear_pointer (&seat->task.replacement_values, g_free);
      _weft_engine_wake (seat->run->engine);
      return false;
    }
  for (uint32_t i = 0; i < seat->task.n_replacement_values; i++)
    weft_value_unref (&seat->task.replacement_values[i]);
  g_clear_pointer (&seat->task.replacement_values, g_free);
  g_free (parent);
  weft_task_fail (&seat->task.base, "the returned graph cannot be attached: %s", error->message);
  return _weft_end_not_ok (seat, item, WEFT_HOW_DIRECT, WEFT_FAILED, _weft_seat_now (seat), next);
}

/* Every task of a segment with a parent has ended. */
void
_weft_parent_finish (WeftSeat *seat, WeftSegment *segment)
{
  struct _WeftParent *parent = g_steal_pointer (&segment->parent);
  const WeftGraphArrays *arrays = &segment->arrays;
  uint32_t n_outputs = _weft_item_n_outputs (&parent->item);
  g_autofree WeftValue *results = g_new0 (WeftValue, n_outputs);
  WeftItem next;

  for (uint32_t k = 0; k < n_outputs; k++)
    {
      uint32_t slot = _weft_first_slot (segment, arrays->wanted[k].task) + arrays->wanted[k].output;

      results[k] = _weft_slot_read (&segment->slots[slot]);
      weft_value_ref (&results[k]);
      if (weft_value_is_boxed (&results[k]))
        _weft_slot_drop (segment, slot, 1);
    }
  if (_weft_end_replaced (seat, &parent->item, results, &next))
    _weft_seat_push (seat, next.segment, next.task);
  g_free (parent);
}

void
_weft_parent_free (struct _WeftParent *parent)
{
  g_free (parent);
}
