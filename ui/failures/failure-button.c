/* failure-button.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "failures/failure-button.h"

#include "canvas/number-format.h"
#include "canvas/widget-text.h"
#include "session/weftline-turn.h"

#include <glib/gi18n.h>

#define ERRORS_A_TIME 2000
#define MOST_CHARS 60
#define MOST_TRACEBACK 4000 /* bytes; the end tells most */
#define LIST_HEIGHT 420

struct _WeftlineFailureButton
{
  GtkWidget parent_instance;

  WeftlineSession *session;
  WeftlineFailures *failures; /* (nullable) */
  WeftModel *model;           /* of it; not to be used otherwise */
  int64_t until_ns;           /* of it */
  GtkWidget *button, *popover;
  guint more_source;
  gint64 updated_us;
  WeftlineTurn turn;
};

G_DEFINE_FINAL_TYPE (WeftlineFailureButton, weftline_failure_button, GTK_TYPE_WIDGET)

const WeftlineFailures *
weftline_failure_button_failures (WeftlineFailureButton *self)
{
  return self->failures;
}

bool
weftline_failure_button_is_up_to_date (WeftlineFailureButton *self)
{
  return self->more_source == 0 && !weftline_turn_is_wanted (&self->turn);
}

/* ---- the list -------------------------------------------------------------------------------- */

/* “12 failures of 10 tasks on 2 workers, from 1.2 s to 3.4 s” (transfer full) */
static char *
about (WeftlineFailureButton *self, const WeftlineFailureGroup *group)
{
  WeftlineClock clock = weftline_session_clock (self->session);
  g_autofree char *n = weftline_format_count (group->n);
  g_autofree char *tasks = weftline_format_count (group->tasks->len);
  g_autofree char *workers = weftline_format_count (group->n_workers);
  g_autofree char *first = weftline_format_moment (group->first_ns, clock.form, clock.wall_ns);
  g_autofree char *last = weftline_format_moment (group->last_ns, clock.form, clock.wall_ns);
  WeftModelGroup info = { .name = "–" };

  if (group->group < WEFT_NO_GROUP)
    weft_model_group (weftline_session_model (self->session), group->group, &info);
  /* Translators: a group of tasks; how many attempts failed, of how many tasks, on how many
   * workers, and the times of the first and the last */
  return g_strdup_printf (_ ("%s · failures: %s · tasks: %s · workers: %s · from %s to %s"),
                          info.name, n, tasks, workers, first, last);
}

static GtkWidget *
make_label (const char *text, const char *style)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_max_width_chars (GTK_LABEL (label), MOST_CHARS);
  weftline_label_wrap (label);
  if (style != NULL)
    gtk_widget_add_css_class (label, style);
  return label;
}

/* One of the tasks after the other. */
static void
select_cb (GtkWidget *row, WeftlineSession *session)
{
  GArray *tasks = g_object_get_data (G_OBJECT (row), "weftline-tasks");
  guint next = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (row), "weftline-next"));

  weftline_session_reveal_task (session, g_array_index (tasks, uint32_t, next % tasks->len));
  g_object_set_data (G_OBJECT (row), "weftline-next", GUINT_TO_POINTER ((next + 1) % tasks->len));
}

static GtkWidget *
make_row (WeftlineFailureButton *self, const WeftlineFailureGroup *group)
{
  GtkWidget *row = gtk_button_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  g_autofree char *title = group->kind[0] != '\0' && group->message[0] != '\0'
                               ? g_strdup_printf ("%s: %s", group->kind, group->message)
                               : g_strconcat (group->kind, group->message, NULL);
  g_autofree char *words = about (self, group);

  gtk_box_append (GTK_BOX (box), make_label (title, "error"));
  gtk_box_append (GTK_BOX (box), make_label (words, "dim-label"));
  gtk_button_set_child (GTK_BUTTON (row), box);
  gtk_widget_add_css_class (row, "flat");
  gtk_widget_set_sensitive (row, group->tasks->len > 0);
  gtk_widget_set_tooltip_text (row, _ ("Selects a task that failed so; once more: the next"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, words, -1);
  g_object_set_data_full (G_OBJECT (row), "weftline-tasks", g_array_ref (group->tasks),
                          (GDestroyNotify) g_array_unref);
  g_signal_connect_object (row, "clicked", G_CALLBACK (select_cb), self->session, 0);
  return row;
}

/* What the first one said in full. */
static GtkWidget *
make_example (WeftlineFailureButton *self, const WeftlineFailureGroup *group)
{
  GtkWidget *expander = gtk_expander_new (_ ("An example")), *label;
  WeftModelErrorText error;
  g_autofree char *key = NULL;
  g_autofree char *text = NULL;
  g_autofree char *valid = NULL;
  size_t n;

  weft_model_error (weftline_session_model (self->session), group->example, &error);
  key = error.task != WEFT_NONE
            ? weft_model_task_dup_key (weftline_session_model (self->session), error.task)
            : g_strdup ("");
  text = g_strdup_printf ("%s\n%s%s%s", key, error.message, error.detail[0] != '\0' ? "\n\n" : "",
                          error.detail);
  n = strlen (text);
  valid = g_utf8_make_valid (n > MOST_TRACEBACK ? text + n - MOST_TRACEBACK : text, -1);
  label = make_label (valid, "monospace");
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_expander_set_child (GTK_EXPANDER (expander), label);
  gtk_widget_set_margin_start (expander, 10);
  return expander;
}

static void
fill_cb (GtkMenuButton *button G_GNUC_UNUSED, void *data)
{
  WeftlineFailureButton *self = data;
  GtkWidget *box, *scroller;
  g_autoptr (GPtrArray) groups = NULL;
  guint n;

  if (self->failures == NULL)
    return;
  box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  scroller = gtk_scrolled_window_new ();
  groups = weftline_failures_sorted (self->failures);
  n = MIN (groups->len, WEFTLINE_FAILURES_MOST_LISTED);
  gtk_widget_add_css_class (box, "control-popover");
  for (guint i = 0; i < n; i++)
    {
      gtk_box_append (GTK_BOX (box), make_row (self, groups->pdata[i]));
      gtk_box_append (GTK_BOX (box), make_example (self, groups->pdata[i]));
    }
  if (n < groups->len)
    {
      g_autofree char *shown = weftline_format_count (n);
      g_autofree char *all = weftline_format_count (groups->len);
      /* Translators: so many of so many kinds of failures are listed */
      g_autofree char *text = g_strdup_printf (_ ("the %s most frequent of %s"), shown, all);

      gtk_box_append (GTK_BOX (box), make_label (text, "dim-label"));
    }
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroller), LIST_HEIGHT);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), box);
  gtk_popover_set_child (GTK_POPOVER (self->popover), scroller);
}

/* ---- input from the run ---------------------------------------------------------------------- */

static void
tell (WeftlineFailureButton *self)
{
  uint32_t n = self->failures != NULL ? weftline_failures_n (self->failures) : 0;
  uint32_t n_groups = self->failures != NULL ? weftline_failures_n_groups (self->failures) : 0;
  g_autofree char *count = weftline_format_count (n);
  g_autofree char *groups = weftline_format_count (n_groups);
  g_autofree char *failures = g_strdup_printf (ngettext ("%s failure", "%s failures", n), count);
  g_autofree char *kinds = g_strdup_printf (ngettext ("%s kind", "%s kinds", n_groups), groups);
  g_autofree char *text = g_strdup_printf ("%s, %s", failures, kinds);

  gtk_widget_set_visible (GTK_WIDGET (self), n > 1);
  if (g_strcmp0 (text, gtk_menu_button_get_label (GTK_MENU_BUTTON (self->button))) == 0)
    return;
  gtk_menu_button_set_label (GTK_MENU_BUTTON (self->button), text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  text, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  _ ("Lists failures, those that are alike together"), -1);
}

static void update (WeftlineFailureButton *self);

static gboolean
more_cb (void *data)
{
  WeftlineFailureButton *self = data;

  self->more_source = 0;
  update (self);
  return G_SOURCE_REMOVE;
}

static void
update (WeftlineFailureButton *self)
{
  WeftModel *model = weftline_session_model (self->session);
  int64_t until_ns = weftline_session_time (self->session);

  self->updated_us = g_get_monotonic_time ();
  if (model == NULL)
    return;
  if (model != self->model || until_ns != self->until_ns)
    {
      weftline_failures_free (self->failures);
      self->failures = weftline_failures_new (model, until_ns);
      self->model = model;
      self->until_ns = until_ns;
    }
  if (weftline_failures_update (self->failures, weftline_session_snapshot (self->session),
                                ERRORS_A_TIME)
      && self->more_source == 0)
    self->more_source = g_idle_add (more_cb, self);
  tell (self);
}

static void
snapshot_cb (WeftlineFailureButton *self)
{
  weftline_turn_refresh (&self->turn, self->updated_us);
}

/* ---- the widget ------------------------------------------------------------------------------ */

static void
weftline_failure_button_dispose (GObject *object)
{
  WeftlineFailureButton *self = WEFTLINE_FAILURE_BUTTON (object);

  g_clear_handle_id (&self->more_source, g_source_remove);
  weftline_turn_clear (&self->turn);
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_clear_pointer (&self->button, gtk_widget_unparent);
  g_clear_pointer (&self->failures, weftline_failures_free);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (weftline_failure_button_parent_class)->dispose (object);
}

static void
weftline_failure_button_class_init (WeftlineFailureButtonClass *class)
{
  G_OBJECT_CLASS (class)->dispose = weftline_failure_button_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (class), GTK_TYPE_BIN_LAYOUT);
}

static void
weftline_failure_button_init (WeftlineFailureButton *self)
{
  self->button = gtk_menu_button_new ();
  self->popover = gtk_popover_new ();
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (self->button), self->popover);
  gtk_widget_add_css_class (self->button, "flat");
  gtk_widget_add_css_class (self->button, "figure-button");
  gtk_widget_set_halign (self->button, GTK_ALIGN_START);
  gtk_widget_set_parent (self->button, GTK_WIDGET (self));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->popover), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Lists failures, those that are alike together"), -1);
  gtk_menu_button_set_create_popup_func (GTK_MENU_BUTTON (self->button), fill_cb, self, NULL);
}

GtkWidget *
weftline_failure_button_new (WeftlineSession *session)
{
  WeftlineFailureButton *self = g_object_new (WEFTLINE_TYPE_FAILURE_BUTTON, NULL);

  self->session = g_object_ref (session);
  self->until_ns = WEFTLINE_NOW;
  weftline_turn_init (&self->turn, session, (GSourceOnceFunc) update, self);
  g_signal_connect_swapped (session, "snapshot-changed", G_CALLBACK (snapshot_cb), self);
  g_signal_connect_swapped (session, "time-changed", G_CALLBACK (update), self);
  update (self);
  return GTK_WIDGET (self);
}
