/* weftline-controls.c: run, step, stop, where to stop, speed, workers, memory limit
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The buttons are the window's actions; here it is only settled which of them a run can serve and
 * what they say. Controls that it never serves are not there; those that make no sense in its
 * present phase are there but grey. Settings have a button and a popover each; where there is no
 * room for them, what is in the popovers moves into that of one button for all.
 */
#include "config.h"

#include "app/weftline-break-menu.h"
#include "app/weftline-controls.h"
#include "canvas/number-format.h"
#include "canvas/widget-text.h"
#include "session/weftline-bytes.h"

#include <glib/gi18n.h>

#define SPACING 6
#define SLACK 32 /* by which figures may grow before there is no room for them */

typedef enum
{
  SPEED,
  WORKERS,
  MEMORY,
  N_SETTINGS,
} Setting;

static const WeftlineCapabilities needed[N_SETTINGS] = {
  [SPEED] = WEFTLINE_CAN_SET_SPEED,
  [WORKERS] = WEFTLINE_CAN_SET_WORKERS,
  [MEMORY] = WEFTLINE_CAN_SET_MEMORY_LIMIT,
};

struct _WeftlineControls
{
  GtkWidget parent_instance;

  WeftlineRun *run;
  GtkWidget *box;
  GtkWidget *play, *step, *stop;
  WeftlineBreakMenu *breaks;
  GtkWidget *buttons[N_SETTINGS]; /* menu buttons */
  GtkWidget *parts[N_SETTINGS];   /* what is in their popovers */
  GtkWidget *settings;            /* the menu button for all of them */
  GtkWidget *settings_box;
  GtkWidget *workers_spin, *memory_entry;
  gboolean narrow;
  gboolean updating;
};

G_DEFINE_FINAL_TYPE (WeftlineControls, weftline_controls, GTK_TYPE_WIDGET)

/* Before each start. */
static const struct
{
  const char *title;
  int64_t delay_ns;
} speeds[] = {
  { N_ ("Full speed"), 0 },
  { N_ ("10 ms before each start"), 10000000 },
  { N_ ("100 ms before each start"), 100000000 },
  { N_ ("1 s before each start"), 1000000000 },
};

static void
name_button (GtkWidget *button, const char *label)
{
  gtk_widget_set_tooltip_text (button, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
}

/* ---- what they say --------------------------------------------------------------------------- */

static void
update_play (WeftlineControls *self, const WeftlineRunStatus *status)
{
  const char *icon = "media-playback-start-symbolic", *label = _ ("Run");

  if (status->phase == WEFT_RUN_RUNNING)
    {
      icon = "media-playback-pause-symbolic";
      label = _ ("Pause");
    }
  else if (status->phase == WEFT_RUN_PAUSED)
    label = _ ("Go On");
  else if (status->phase >= WEFT_RUN_DONE)
    {
      icon = "view-refresh-symbolic";
      label = _ ("Run Again");
    }
  gtk_button_set_icon_name (GTK_BUTTON (self->play), icon);
  name_button (self->play, label);
}

/* The button inside it has no text of its own. @figures: what is set */
static void
name_settings (WeftlineControls *self, const char *figures)
{
  GtkWidget *const named[] = { self->settings, gtk_widget_get_first_child (self->settings) };
  g_autofree char *tooltip = g_strdup_printf ("%s\n%s", _ ("Run settings"), figures);

  if (g_strcmp0 (gtk_widget_get_tooltip_text (self->settings), tooltip) == 0)
    return;
  gtk_widget_set_tooltip_text (self->settings, tooltip);
  for (unsigned i = 0; i < G_N_ELEMENTS (named); i++)
    gtk_accessible_update_property (GTK_ACCESSIBLE (named[i]), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                    _ ("Run settings"), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                    figures, -1);
}

static void
update_figures (WeftlineControls *self, const WeftlineRunStatus *status)
{
  g_autofree char *workers =
      g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u worker", "%u workers", status->n_workers),
                       status->n_workers);
  g_autofree char *delay = weftline_format_duration (status->delay_ns);
  g_autofree char *limit =
      weftline_format_bytes (status->memory_limit_bytes, WEFTLINE_BYTES_DECIMAL);
  g_autofree char *slow = g_strdup_printf (_ ("%s a start"), delay);

  const char *const figures[N_SETTINGS] = {
    [SPEED] = status->delay_ns > 0 ? slow : _ ("full speed"),
    [WORKERS] = workers,
    [MEMORY] = status->memory_limit_bytes > 0 ? limit : _ ("no limit"),
  };
  g_autofree char *all = NULL;

  /* setting what is there already has the whole header measured anew */
  for (unsigned i = 0; i < N_SETTINGS; i++)
    if (g_strcmp0 (gtk_menu_button_get_label (GTK_MENU_BUTTON (self->buttons[i])), figures[i]) != 0)
      gtk_menu_button_set_label (GTK_MENU_BUTTON (self->buttons[i]), figures[i]);
  all = g_strdup_printf ("%s · %s · %s", figures[SPEED], figures[WORKERS], figures[MEMORY]);
  name_settings (self, all);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->workers_spin), status->n_workers);
}

/* Workers are the engine's, which may be used again. */
static void
update_settings (WeftlineControls *self, gboolean over)
{
  gboolean any = FALSE;

  for (unsigned i = 0; i < N_SETTINGS; i++)
    {
      gboolean can = weftline_run_can (self->run, needed[i]);

      gtk_widget_set_visible (self->buttons[i], can && !self->narrow);
      gtk_widget_set_visible (self->parts[i], can);
      gtk_widget_set_sensitive (self->parts[i], !over || i == WORKERS);
      gtk_widget_set_sensitive (self->buttons[i], !over || i == WORKERS);
      any = any || can;
    }
  gtk_widget_set_visible (self->settings, any && self->narrow);
}

static void
update (WeftlineControls *self)
{
  WeftlineRunStatus status;
  gboolean over;

  gtk_widget_set_visible (GTK_WIDGET (self), self->run != NULL);
  if (self->run == NULL)
    return;
  weftline_run_status (self->run, &status);
  over = status.phase >= WEFT_RUN_DONE;
  self->updating = TRUE;
  update_play (self, &status);
  update_figures (self, &status);
  gtk_widget_set_visible (
      self->play, weftline_run_can (self->run, over ? WEFTLINE_CAN_RUN_AGAIN : WEFTLINE_CAN_RUN));
  gtk_widget_set_visible (self->step, weftline_run_can (self->run, WEFTLINE_CAN_STEP));
  gtk_widget_set_visible (self->stop, weftline_run_can (self->run, WEFTLINE_CAN_CANCEL));
  update_settings (self, over);
  self->updating = FALSE;
}

/* ---- what they do ---------------------------------------------------------------------------- */

static void
popdown (WeftlineControls *self, Setting setting)
{
  gtk_menu_button_popdown (
      GTK_MENU_BUTTON (self->narrow ? self->settings : self->buttons[setting]));
}

static void
speed_cb (GtkListBox *list G_GNUC_UNUSED, GtkListBoxRow *row, WeftlineControls *self)
{
  weftline_run_set_delay (self->run, speeds[gtk_list_box_row_get_index (row)].delay_ns);
  popdown (self, SPEED);
}

static void
workers_cb (GtkSpinButton *spin, WeftlineControls *self)
{
  if (!self->updating && self->run != NULL)
    weftline_run_set_workers (self->run, (uint32_t) gtk_spin_button_get_value_as_int (spin));
}

static void
memory_cb (GtkEntry *entry, WeftlineControls *self)
{
  uint64_t n_bytes;

  if (!weftline_parse_bytes (gtk_editable_get_text (GTK_EDITABLE (entry)), &n_bytes))
    {
      gtk_widget_add_css_class (GTK_WIDGET (entry), "error");
      return;
    }
  gtk_widget_remove_css_class (GTK_WIDGET (entry), "error");
  weftline_run_set_memory_limit (self->run, n_bytes);
  popdown (self, MEMORY);
}

/* ---- making them ----------------------------------------------------------------------------- */

static GtkWidget *
action_button (WeftlineControls *self, const char *icon, const char *label, const char *action)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  name_button (button, label);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_box_append (GTK_BOX (self->box), button);
  return button;
}

static void
add_setting (WeftlineControls *self, Setting setting, const char *label, GtkWidget *part)
{
  GtkWidget *button = gtk_menu_button_new ();
  GtkWidget *popover = gtk_popover_new ();

  self->buttons[setting] = button;
  self->parts[setting] = part;
  gtk_box_append (GTK_BOX (self->settings_box), part);
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (button), popover);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "figure-button");
  gtk_widget_set_tooltip_text (button, label);
  /* the button inside it is named by its figure */
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  gtk_box_append (GTK_BOX (self->box), button);
}

static void
add_settings (WeftlineControls *self)
{
  GtkWidget *popover = gtk_popover_new ();

  self->settings = gtk_menu_button_new ();
  self->settings_box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (self->settings), "emblem-system-symbolic");
  gtk_popover_set_child (GTK_POPOVER (popover), self->settings_box);
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (self->settings), popover);
  gtk_box_append (GTK_BOX (self->box), self->settings);
}

/* From one popover into another. */
static void
move_parts (WeftlineControls *self)
{
  for (unsigned i = 0; i < N_SETTINGS; i++)
    {
      GtkPopover *popover = gtk_menu_button_get_popover (GTK_MENU_BUTTON (self->buttons[i]));
      g_autoptr (GtkWidget) part = g_object_ref (self->parts[i]);

      if (self->narrow)
        {
          gtk_popover_set_child (popover, NULL);
          gtk_box_append (GTK_BOX (self->settings_box), part);
        }
      else
        {
          gtk_box_remove (GTK_BOX (self->settings_box), part);
          gtk_popover_set_child (popover, part);
        }
    }
}

static GtkWidget *
titled (const char *title, GtkWidget *child, const char *hint)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *label = gtk_label_new (title);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "heading");
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), child);
  if (hint != NULL)
    {
      GtkWidget *small = gtk_label_new (hint);

      gtk_label_set_xalign (GTK_LABEL (small), 0);
      gtk_label_set_wrap (GTK_LABEL (small), TRUE);
      gtk_label_set_max_width_chars (GTK_LABEL (small), 32);
      gtk_widget_add_css_class (small, "caption");
      gtk_widget_add_css_class (small, "dim-label");
      gtk_box_append (GTK_BOX (box), small);
    }
  gtk_accessible_update_relation (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_RELATION_LABELLED_BY,
                                  label, NULL, -1);
  gtk_widget_add_css_class (box, "control-popover");
  return box;
}

static GtkWidget *
make_speed (WeftlineControls *self)
{
  GtkWidget *list = gtk_list_box_new ();

  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  for (unsigned i = 0; i < G_N_ELEMENTS (speeds); i++)
    {
      GtkWidget *label = gtk_label_new (_ (speeds[i].title));

      gtk_label_set_xalign (GTK_LABEL (label), 0);
      gtk_widget_add_css_class (label, "popover-row");
      gtk_list_box_append (GTK_LIST_BOX (list), label);
    }
  g_signal_connect (list, "row-activated", G_CALLBACK (speed_cb), self);
  return titled (_ ("Slow motion"), list, NULL);
}

static GtkWidget *
make_workers (WeftlineControls *self)
{
  self->workers_spin = gtk_spin_button_new_with_range (1, 1024, 1);
  g_signal_connect (self->workers_spin, "value-changed", G_CALLBACK (workers_cb), self);
  return titled (_ ("Workers"), self->workers_spin,
                 _ ("Takes effect at once; a worker taken away finishes its task first."));
}

static GtkWidget *
make_memory (WeftlineControls *self)
{
  self->memory_entry = gtk_entry_new ();
  gtk_entry_set_placeholder_text (GTK_ENTRY (self->memory_entry), _ ("none"));
  g_signal_connect (self->memory_entry, "activate", G_CALLBACK (memory_cb), self);
  return titled (_ ("Memory limit"), self->memory_entry,
                 /* xgettext:no-c-format */
                 _ ("Of results, such as 2 GB or 500 MiB. Above 60 % they are spilled, above 80 % "
                    "no new sources start."));
}

static void
weftline_controls_dispose (GObject *object)
{
  WeftlineControls *self = WEFTLINE_CONTROLS (object);

  weftline_controls_set_run (self, NULL);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (weftline_controls_parent_class)->dispose (object);
}

static void
weftline_controls_class_init (WeftlineControlsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = weftline_controls_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
weftline_controls_init (WeftlineControls *self)
{
  self->narrow = TRUE; /* until it is known that there is room */
  self->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, SPACING);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Run control"), -1);
  self->play = action_button (self, "media-playback-start-symbolic", _ ("Run"), "win.run");
  self->step = action_button (self, "media-skip-forward-symbolic", _ ("One Task"), "win.step");
  /* they point to where time goes */
  weftline_widget_keep_ltr (self->play);
  weftline_widget_keep_ltr (self->step);
  self->stop = action_button (self, "media-playback-stop-symbolic", _ ("Stop"), "win.stop");
  self->breaks = WEFTLINE_BREAK_MENU (weftline_break_menu_new ());
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->breaks));
  add_settings (self);
  add_setting (self, SPEED, _ ("Speed"), make_speed (self));
  add_setting (self, WORKERS, _ ("Number of workers"), make_workers (self));
  add_setting (self, MEMORY, _ ("Memory limit"), make_memory (self));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

GtkWidget *
weftline_controls_new (void)
{
  return g_object_new (WEFTLINE_TYPE_CONTROLS, NULL);
}

void
weftline_controls_set_run (WeftlineControls *self, WeftlineRun *run)
{
  if (self->run != NULL)
    g_signal_handlers_disconnect_by_func (self->run, update, self);
  g_set_object (&self->run, run);
  if (run != NULL)
    g_signal_connect_swapped (run, "changed", G_CALLBACK (update), self);
  if (self->box == NULL)
    return;
  weftline_break_menu_set_run (self->breaks, run);
  update (self);
}

void
weftline_controls_show_breaks (WeftlineControls *self)
{
  weftline_break_menu_popup (self->breaks);
}

void
weftline_controls_set_narrow (WeftlineControls *self, gboolean narrow)
{
  if (self->narrow == narrow)
    return;
  self->narrow = narrow;
  move_parts (self);
  update (self);
}

/* Of a menu button, whether it is shown or not: what is in it can be asked. */
static int
least_width (GtkWidget *button)
{
  int least;

  gtk_widget_measure (gtk_widget_get_first_child (button), GTK_ORIENTATION_HORIZONTAL, -1, &least,
                      NULL, NULL, NULL);
  return least + SPACING;
}

void
weftline_controls_fit (WeftlineControls *self, int room)
{
  int more = -least_width (self->settings);

  if (self->run == NULL)
    {
      weftline_controls_set_narrow (self, TRUE); /* what it will need is not known */
      return;
    }
  for (unsigned i = 0; i < N_SETTINGS; i++)
    if (weftline_run_can (self->run, needed[i]))
      more += least_width (self->buttons[i]);
  weftline_controls_set_narrow (self, room < SLACK + (self->narrow ? more : 0));
}
