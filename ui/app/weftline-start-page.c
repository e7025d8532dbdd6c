/* weftline-start-page.c: recent files, and examples to run
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "app/weftline-examples.h"
#include "app/weftline-start-page.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

#define MAX_RECENT 6
#define MIN_SECONDS 0.00001
#define MAX_SECONDS 3.0

struct _WeftlineStartPage
{
  GtkWidget parent_instance;

  GtkWidget *page;
  GtkWidget *recent;
  GtkWidget *others;
  GPtrArray *recent_rows;
};

enum
{
  EXAMPLE,
  OPEN,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (WeftlineStartPage, weftline_start_page, GTK_TYPE_WIDGET)

/* ---- examples -------------------------------------------------------------------------------- */

/* What a row's button needs. */
typedef struct
{
  WeftlineStartPage *page;
  const char *id;
  GtkAdjustment *size, *seconds; /* (nullable); logarithmic */
  GtkAdjustment *workers;        /* logarithmic */
} Choice;

static void
choice_free (void *data, GClosure *closure G_GNUC_UNUSED)
{
  Choice *choice = data;

  g_clear_object (&choice->size);
  g_clear_object (&choice->seconds);
  g_clear_object (&choice->workers);
  g_free (choice);
}

static unsigned
number_of (GtkAdjustment *number)
{
  return (unsigned) lround (exp (gtk_adjustment_get_value (number)));
}

static void
run_cb (GtkButton *button G_GNUC_UNUSED, Choice *choice)
{
  g_signal_emit (choice->page, signals[EXAMPLE], 0, choice->id,
                 choice->size != NULL ? number_of (choice->size) : 0,
                 choice->seconds != NULL ? exp (gtk_adjustment_get_value (choice->seconds)) : -1.0,
                 number_of (choice->workers));
}

static char *
format_number (GtkScale *scale G_GNUC_UNUSED, double value, void *data G_GNUC_UNUSED)
{
  return g_strdup_printf ("%'ld", lround (exp (value)));
}

static char *
format_seconds (GtkScale *scale G_GNUC_UNUSED, double value, void *data G_GNUC_UNUSED)
{
  double seconds = exp (value);

  if (seconds < 0.001)
    return g_strdup_printf ("%.3g\u202fµs", seconds * 1e6);
  return seconds < 1 ? g_strdup_printf ("%.3g\u202fms", seconds * 1e3)
                     : g_strdup_printf ("%.3g\u202fs", seconds);
}

static GtkWidget *
scale_row (const char *title, double from, double to, double value, GtkScaleFormatValueFunc format,
           GtkAdjustment **adjustment)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *scale;

  *adjustment = g_object_ref_sink (
      gtk_adjustment_new (log (value), log (from), log (to), log (to / from) / 40, 0.5, 0));
  scale = gtk_scale_new (GTK_ORIENTATION_HORIZONTAL, *adjustment);
  gtk_scale_set_draw_value (GTK_SCALE (scale), TRUE);
  gtk_scale_set_value_pos (GTK_SCALE (scale), GTK_POS_LEFT);
  gtk_scale_set_format_value_func (GTK_SCALE (scale), format, NULL, NULL);
  gtk_widget_set_size_request (scale, 260, -1);
  gtk_widget_set_valign (scale, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (scale), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), scale);
  return row;
}

static GtkWidget *
run_button (WeftlineStartPage *self, const WeftlineExample *example, Choice **choice)
{
  GtkWidget *button = gtk_button_new_with_label (_ ("Run"));
  g_autofree char *label = g_strdup_printf (_ ("Run %s"), example->title);

  *choice = g_new0 (Choice, 1);
  (*choice)->page = self;
  (*choice)->id = example->id;
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  g_signal_connect_data (button, "clicked", G_CALLBACK (run_cb), *choice, choice_free, 0);
  return button;
}

/* More than there are cores shows what that brings, and what not. */
static double
most_workers (void)
{
  return MAX (16, 2 * g_get_num_processors ());
}

static GtkWidget *
example_row (WeftlineStartPage *self, const WeftlineExample *example, unsigned n_workers)
{
  GtkWidget *row = adw_expander_row_new ();
  Choice *choice;
  GtkWidget *button = run_button (self, example, &choice);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), example->title);
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (row), example->watch);
  adw_expander_row_add_action (ADW_EXPANDER_ROW (row), button);
  if (example->size_label != NULL)
    adw_expander_row_add_row (ADW_EXPANDER_ROW (row),
                              scale_row (example->size_label, example->min_size, example->max_size,
                                         example->size, format_number, &choice->size));
  if (example->has_duration)
    adw_expander_row_add_row (ADW_EXPANDER_ROW (row),
                              scale_row (_ ("Duration of a task"), MIN_SECONDS, MAX_SECONDS,
                                         example->duration, format_seconds, &choice->seconds));
  adw_expander_row_add_row (ADW_EXPANDER_ROW (row),
                            scale_row (_ ("Workers"), 1, MAX (most_workers (), n_workers),
                                       n_workers, format_number, &choice->workers));
  return row;
}

/* @n_workers: of a new run, unless somebody says otherwise */
static GtkWidget *
make_examples (WeftlineStartPage *self, unsigned n_workers)
{
  GtkWidget *group = adw_preferences_group_new ();
  WeftlineExample example;

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ ("Examples"));
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (group),
                                         _ ("Each shows something about how tasks run. "
                                            "Unfold one to change its size, times and workers."));
  for (unsigned i = 0; i < weftline_examples_n (); i++)
    {
      weftline_examples_get (i, &example);
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                                 example_row (self, &example, n_workers));
    }
  return group;
}

/* ---- recent files ---------------------------------------------------------------------------- */

static gboolean
is_ours (GtkRecentInfo *info)
{
  return gtk_recent_info_has_application (info, g_get_application_name ())
         && gtk_recent_info_exists (info);
}

static void
recent_cb (AdwActionRow *row, WeftlineStartPage *self)
{
  g_autoptr (GFile) file = g_file_new_for_uri (g_object_get_data (G_OBJECT (row), "uri"));

  g_signal_emit (self, signals[OPEN], 0, file);
}

static void
add_recent (WeftlineStartPage *self, GtkRecentInfo *info)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *place = gtk_recent_info_get_uri_display (info);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row),
                                 gtk_recent_info_get_display_name (info));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), place);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                             gtk_image_new_from_icon_name ("go-next-symbolic"));
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  g_object_set_data_full (G_OBJECT (row), "uri", g_strdup (gtk_recent_info_get_uri (info)), g_free);
  g_signal_connect (row, "activated", G_CALLBACK (recent_cb), self);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->recent), row);
  g_ptr_array_add (self->recent_rows, row);
}

/* When this program last opened it; NULL: it never did. (transfer none) */
static GDateTime *
opened_at (GtkRecentInfo *info)
{
  const char *command;
  GDateTime *at = NULL;
  guint n_times;

  gtk_recent_info_get_application_info (info, g_get_application_name (), &command, &n_times, &at);
  return at;
}

/* The newest first; GTK has them in the order in which they first came. */
static int
compare_recent (const void *a, const void *b)
{
  GDateTime *one = opened_at ((GtkRecentInfo *) a), *other = opened_at ((GtkRecentInfo *) b);

  if (one == NULL || other == NULL)
    return (one == NULL) - (other == NULL);
  return g_date_time_compare (other, one);
}

static void
update_recent (WeftlineStartPage *self)
{
  GList *items = gtk_recent_manager_get_items (gtk_recent_manager_get_default ());

  items = g_list_sort (items, compare_recent);
  for (guint i = 0; i < self->recent_rows->len; i++)
    adw_preferences_group_remove (ADW_PREFERENCES_GROUP (self->recent),
                                  self->recent_rows->pdata[i]);
  g_ptr_array_set_size (self->recent_rows, 0);
  for (GList *item = items; item != NULL && self->recent_rows->len < MAX_RECENT; item = item->next)
    if (is_ours (item->data))
      add_recent (self, item->data);
  gtk_widget_set_visible (self->recent, self->recent_rows->len > 0);
  g_list_free_full (items, (GDestroyNotify) gtk_recent_info_unref);
}

/* ---- other programs -------------------------------------------------------------------------- */

static void
copy_cb (GtkButton *button)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (button)),
                          g_object_get_data (G_OBJECT (button), "code"));
}

/* @code: what is to be written there, for every language the same */
static GtkWidget *
code_row (const char *title, const char *code)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *button = gtk_button_new_from_icon_name ("edit-copy-symbolic");

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), code);
  gtk_widget_add_css_class (row, "code");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, _ ("Copy"));
  g_object_set_data (G_OBJECT (button), "code", (char *) code);
  g_signal_connect (button, "clicked", G_CALLBACK (copy_cb), NULL);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), button);
  return row;
}

static GtkWidget *
cluster_row (void)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *button = gtk_button_new_with_label (_ ("Connect…"));

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("A Dask cluster"));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), _ ("By the address of its scheduler"));
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.connect");
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Connect to Dask…"), -1);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), button);
  return row;
}

static GtkWidget *
make_others (void)
{
  GtkWidget *group = adw_preferences_group_new ();

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ ("Other programs"));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                             code_row (_ ("Dask on this machine, from Python"),
                                       "import weftline; weftline.watch(register=True)"));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), cluster_row ());
  return group;
}

void
weftline_start_page_set_others (WeftlineStartPage *self, const char *text)
{
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (self->others), text);
  gtk_widget_set_visible (self->others, text != NULL);
}

/* ---- the widget ------------------------------------------------------------------------------ */

static void
weftline_start_page_dispose (GObject *object)
{
  WeftlineStartPage *self = WEFTLINE_START_PAGE (object);

  g_clear_pointer (&self->page, gtk_widget_unparent);
  g_clear_pointer (&self->recent_rows, g_ptr_array_unref);
  G_OBJECT_CLASS (weftline_start_page_parent_class)->dispose (object);
}

static void
weftline_start_page_class_init (WeftlineStartPageClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = weftline_start_page_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_GROUP);
  signals[EXAMPLE] =
      g_signal_new ("example", WEFTLINE_TYPE_START_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 4, G_TYPE_STRING, G_TYPE_UINT, G_TYPE_DOUBLE, G_TYPE_UINT);
  signals[OPEN] = g_signal_new ("open", WEFTLINE_TYPE_START_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, G_TYPE_FILE);
}

static GtkWidget *
make_welcome (void)
{
  GtkWidget *group = adw_preferences_group_new ();
  GtkWidget *button = gtk_button_new_with_mnemonic (_ ("_Open a Graph or a Run…"));

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ ("Weftline"));
  adw_preferences_group_set_description (
      ADW_PREFERENCES_GROUP (group),
      _ ("Runs task graphs on all cores and shows what happens. Open a file, drop one here, or "
         "begin with an example."));
  /* its label names it; the property has the mnemonic's mark */
  gtk_accessible_reset_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.open");
  gtk_widget_set_halign (button, GTK_ALIGN_START);
  gtk_widget_add_css_class (button, "pill");
  gtk_widget_add_css_class (button, "suggested-action");
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), button);
  return group;
}

static void
weftline_start_page_init (WeftlineStartPage *self)
{
  self->page = adw_preferences_page_new ();
  self->recent = adw_preferences_group_new ();
  self->others = make_others ();
  gtk_widget_set_visible (self->others, FALSE);
  self->recent_rows = g_ptr_array_new ();
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (self->recent), _ ("Recent"));
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (self->page),
                            ADW_PREFERENCES_GROUP (make_welcome ()));
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (self->page),
                            ADW_PREFERENCES_GROUP (self->recent));
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (self->page),
                            ADW_PREFERENCES_GROUP (self->others));
  gtk_widget_set_parent (self->page, GTK_WIDGET (self));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Start Page"), -1);
  g_signal_connect_object (gtk_recent_manager_get_default (), "changed", G_CALLBACK (update_recent),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect (self, "map", G_CALLBACK (update_recent), NULL); /* files go away meanwhile */
  update_recent (self);
}

GtkWidget *
weftline_start_page_new (unsigned n_workers)
{
  WeftlineStartPage *self = g_object_new (WEFTLINE_TYPE_START_PAGE, NULL);

  if (n_workers == 0)
    n_workers = g_get_num_processors ();
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (self->page),
                            ADW_PREFERENCES_GROUP (make_examples (self, n_workers)));
  return GTK_WIDGET (self);
}
