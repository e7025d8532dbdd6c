/* weftline-session-selected.c: what is selected, pointed at, and stands out in all views
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "session/weftline-session-private.h"

#include "canvas/number-format.h"
#include "session/weftline-marks.h"

#include <glib/gi18n.h>

/* ---- selection ------------------------------------------------------------------------------- */

const WeftlineSelection *
weftline_session_selection (WeftlineSession *self)
{
  return &self->selection;
}

static void
set_selection (WeftlineSession *self, const WeftlineSelection *selection)
{
  const WeftlineSelection *old = &self->selection;

  if (old->task == selection->task && old->group == selection->group
      && old->from_ns == selection->from_ns && old->to_ns == selection->to_ns)
    return;
  if (old->task != selection->task)
    g_clear_pointer (&self->lineage_set, weftline_task_set_free);
  self->selection = *selection;
  g_signal_emit (self, _weftline_session_signals[SELECTION], 0);
}

void
weftline_session_select_task (WeftlineSession *self, uint32_t task)
{
  WeftlineSelection selection = self->selection;

  selection.task = task;
  selection.group = WEFT_NONE;
  set_selection (self, &selection);
}

void
weftline_session_reveal_task (WeftlineSession *self, uint32_t task)
{
  weftline_session_select_task (self, task);
  if (task != WEFT_NONE)
    g_signal_emit (self, _weftline_session_signals[REVEAL], 0);
}

void
weftline_session_select_group (WeftlineSession *self, uint32_t group)
{
  WeftlineSelection selection = self->selection;

  selection.task = WEFT_NONE;
  selection.group = group;
  set_selection (self, &selection);
}

void
weftline_session_select_range (WeftlineSession *self, int64_t from_ns, int64_t to_ns)
{
  WeftlineSelection selection = self->selection;

  selection.from_ns = from_ns == to_ns ? 0 : MIN (from_ns, to_ns);
  selection.to_ns = from_ns == to_ns ? 0 : MAX (from_ns, to_ns);
  set_selection (self, &selection);
}

void
weftline_session_select_nothing (WeftlineSession *self)
{
  bool had_lineage = self->lineage != WEFTLINE_LINEAGE_NONE && self->selection.task == WEFT_NONE;

  self->lineage = WEFTLINE_LINEAGE_NONE;
  set_selection (self, &NO_SELECTION);
  if (had_lineage)
    g_signal_emit (self, _weftline_session_signals[SELECTION], 0);
}

/* ---- lineage --------------------------------------------------------------------------------- */

WeftlineLineage
weftline_session_lineage (WeftlineSession *self)
{
  return self->lineage;
}

void
weftline_session_set_lineage (WeftlineSession *self, WeftlineLineage which)
{
  if (self->lineage == which)
    return;
  self->lineage = which;
  g_clear_pointer (&self->lineage_set, weftline_task_set_free);
  g_signal_emit (self, _weftline_session_signals[SELECTION], 0);
}

void
weftline_session_toggle_lineage (WeftlineSession *self, WeftlineLineage which)
{
  weftline_session_set_lineage (self, self->lineage ^ which);
}

const WeftlineLinks *
weftline_session_links (WeftlineSession *self)
{
  WeftModel *model = weftline_session_model (self);

  if (self->links == NULL && model != NULL)
    self->links = weftline_links_new (model, &self->snapshot);
  return self->links;
}

const WeftlineTaskSet *
weftline_session_lineage_set (WeftlineSession *self)
{
  const WeftlineLinks *links;

  if (self->lineage == WEFTLINE_LINEAGE_NONE || self->selection.task == WEFT_NONE)
    return NULL;
  links = weftline_session_links (self);
  if (self->lineage_set == NULL && links != NULL)
    self->lineage_set = weftline_links_lineage (links, self->selection.task, self->lineage);
  return self->lineage_set;
}

/* ---- what stands out ------------------------------------------------------------------------- */

uint32_t
weftline_session_marked_group (WeftlineSession *self)
{
  if (weftline_session_lineage_set (self) != NULL)
    return WEFT_NONE;
  if (self->hover_task == WEFT_NONE && self->hover_group != WEFT_NONE)
    return self->hover_group;
  return self->selection.group;
}

static bool
has_marks (WeftlineSession *self, const WeftlineSelection *of)
{
  return self->marks != NULL && self->marks_of.group == of->group
         && self->marks_of.from_ns == of->from_ns && self->marks_of.to_ns == of->to_ns
         && (self->marks_serial == self->snapshot.serial
             || (of->group != WEFT_NONE && self->marks->n_tasks == self->snapshot.n_tasks));
}

const WeftlineTaskSet *
weftline_session_marked (WeftlineSession *self)
{
  WeftModel *model = weftline_session_model (self);
  WeftlineSelection of = self->selection;

  if (weftline_session_lineage_set (self) != NULL)
    return self->lineage_set;
  of.group = weftline_session_marked_group (self);
  if (model == NULL || (of.group == WEFT_NONE && of.to_ns <= of.from_ns))
    return NULL;
  if (of.group != WEFT_NONE)
    of.from_ns = of.to_ns = 0;
  if (has_marks (self, &of))
    return self->marks;
  weftline_task_set_free (self->marks);
  self->marks = of.group != WEFT_NONE
                    ? weftline_marks_of_group (model, &self->snapshot, of.group)
                    : weftline_marks_of_range (model, &self->snapshot, of.from_ns, of.to_ns);
  self->marks_of = of;
  self->marks_serial = self->snapshot.serial;
  return self->marks;
}

/* ---- in words -------------------------------------------------------------------------------- */

static void
append_lineage (WeftlineSession *self, GString *text)
{
  const WeftlineTaskSet *set = weftline_session_lineage_set (self);
  gulong n = set != NULL && set->n_members > 0 ? set->n_members - 1 : 0;
  g_autofree char *count = weftline_format_count (n);

  if (set == NULL)
    return;
  g_string_append (text, ", ");
  if (self->lineage == WEFTLINE_LINEAGE_ANCESTORS)
    g_string_append_printf (text, ngettext ("%s ancestor", "%s ancestors", n), count);
  else if (self->lineage == WEFTLINE_LINEAGE_DESCENDANTS)
    g_string_append_printf (text, ngettext ("%s descendant", "%s descendants", n), count);
  else
    /* Translators: tasks that are ancestors or descendants of another */
    g_string_append_printf (text, ngettext ("%s relative", "%s relatives", n), count);
}

char *
weftline_session_dup_selection_text (WeftlineSession *self)
{
  WeftModel *model = weftline_session_model (self);
  const WeftlineSelection *selection = &self->selection;
  GString *text = g_string_new (NULL);
  WeftModelGroup info;

  if (model != NULL && selection->task != WEFT_NONE && selection->task < self->snapshot.n_tasks)
    {
      g_autofree char *key = weft_model_task_dup_key (model, selection->task);

      /* Translators: a task's key */
      g_string_append_printf (text, _ ("%s is selected"), key);
      append_lineage (self, text);
    }
  else if (model != NULL && selection->group != WEFT_NONE
           && selection->group < self->snapshot.n_groups)
    {
      weft_model_group (model, selection->group, &info);
      /* Translators: a group's name */
      g_string_append_printf (text, _ ("group %s is selected"), info.name);
    }
  if (selection->to_ns > selection->from_ns)
    {
      g_autofree char *range = weftline_format_duration (selection->to_ns - selection->from_ns);

      /* Translators: so much time */
      g_string_append_printf (
          text, text->len > 0 ? _ (", and a range of %s") : _ ("a range of %s is selected"), range);
    }
  return g_string_free (text, FALSE);
}

/* ---- hover ----------------------------------------------------------------------------------- */

uint32_t
weftline_session_hover_task (WeftlineSession *self)
{
  return self->hover_task;
}

uint32_t
weftline_session_hover_group (WeftlineSession *self)
{
  return self->hover_group;
}

void
weftline_session_set_hover (WeftlineSession *self, uint32_t task, uint32_t group)
{
  if (self->hover_task == task && self->hover_group == group)
    return;
  self->hover_task = task;
  self->hover_group = group;
  g_signal_emit (self, _weftline_session_signals[HOVER], 0);
}
