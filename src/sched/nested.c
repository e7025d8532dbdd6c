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

/* The task's kernel returned a graph. */
bool
_weft_replace (WeftSeat *seat, WeftItem *item, WeftItem *next)
{
  g_autoptr (GError) error = NULL;
  WeftGraph *graph = g_steal_pointer (&seat->task.replacement);
  WeftExtendOptions options = { seat->task.replacement_values, seat->task.n_replacement_values,
                                item->segment->priority };
  WeftSegment *segment = NULL;
  uint32_t n_outputs = _weft_item_n_outputs (item);

  if (weft_graph_arrays (graph)->n_wanted < n_outputs)
    g_set_error (&error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_GRAPH,
                 "the returned graph asks for %u outputs, the task has %u",
                 weft_graph_arrays (graph)->n_wanted, n_outputs);
  else
    segment = _weft_run_add (seat->run, graph, &options, item, seat->run->watchable, &error);
  weft_graph_unref (graph);
  if (segment != NULL)
    {
      _weft_drop_inputs (item->segment, item->task, &seat->task.stolen);
      _weft_item_give_resources (seat->run->engine, item);
      g_clear_pointer (&seat->task.replacement_values, g_free);
      seat->task.n_replacement_values = 0;
      if (_weft_item_is_cancelled (item))
        _weft_task_cancel (item->segment, item->task); /* it came before the graph did */
      _weft_engine_wake (seat->run->engine);
      return false;
    }
  _weft_seat_task_drop_replacement (&seat->task);
  weft_task_fail (&seat->task.base, "the returned graph cannot be attached: %s", error->message);
  return _weft_end_not_ok (seat, item, WEFT_HOW_DIRECT, WEFT_FAILED, _weft_seat_now (seat), next);
}

/* Every task of a segment with a parent has ended. */
void
_weft_parent_finish (WeftSeat *seat, WeftSegment *segment)
{
  const WeftGraphArrays *arrays = &segment->arrays;
  WeftItem parent = segment->parent;
  uint32_t n_outputs = _weft_item_n_outputs (&parent);
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
  if (_weft_end_replaced (seat, &parent, results, &next))
    _weft_seat_push (seat, next.segment, next.task);
}
