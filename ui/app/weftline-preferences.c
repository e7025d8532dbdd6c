/* weftline-preferences.c: the window of preferences
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Each row is a key of the settings.
 */
#include "config.h"

#include "app/weftline-preferences.h"

#include <glib/gi18n.h>

typedef struct
{
  const char *key;
  const char *title;
  const char *subtitle; /* (nullable) */
  const char *nicks[4]; /* of the enumeration, and NULL */
  const char *titles[4];
} ChoiceRow;

static const ChoiceRow look_rows[] = {
  { "palette",
    N_ ("Colours of task groups"),
    N_ ("State is always told by form too"),
    { "safe", "dask" },
    { N_ ("For all eyes"), N_ ("Dask classic") } },
  { "label-density",
    N_ ("Labels"),
    NULL,
    { "few", "normal", "many" },
    { N_ ("Few"), N_ ("As they fit"), N_ ("As many as possible") } },
  { "time-format",
    N_ ("Times"),
    NULL,
    { "since-start", "clock" },
    { N_ ("Since the start"), N_ ("Time of day") } },
};

/* ---- choices --------------------------------------------------------------------------------- */

static gboolean
to_position (GValue *value, GVariant *variant, void *data)
{
  const ChoiceRow *choice = data;
  const char *nick = g_variant_get_string (variant, NULL);

  for (guint i = 0; choice->nicks[i] != NULL; i++)
    if (g_str_equal (choice->nicks[i], nick))
      {
        g_value_set_uint (value, i);
        return TRUE;
      }
  return FALSE;
}

static GVariant *
from_position (const GValue *value, const GVariantType *type G_GNUC_UNUSED, void *data)
{
  const ChoiceRow *choice = data;
  guint position = g_value_get_uint (value);

  return position < G_N_ELEMENTS (choice->nicks) && choice->nicks[position] != NULL
             ? g_variant_new_string (choice->nicks[position])
             : NULL;
}

static GtkWidget *
choice_row (const ChoiceRow *choice, GSettings *settings)
{
  GtkWidget *row = adw_combo_row_new ();
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);

  for (unsigned i = 0; choice->nicks[i] != NULL; i++)
    gtk_string_list_append (list, _ (choice->titles[i]));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ (choice->title));
  if (choice->subtitle != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), _ (choice->subtitle));
  adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (list));
  g_settings_bind_with_mapping (settings, choice->key, row, "selected", G_SETTINGS_BIND_DEFAULT,
                                to_position, from_position, (void *) choice, NULL);
  return row;
}

/* ---- numbers --------------------------------------------------------------------------------- */

static GtkWidget *
number_row (GSettings *settings, const char *key, const char *title, const char *subtitle,
            double from, double to)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *spin = gtk_spin_button_new_with_range (from, to, 1);

  gtk_widget_set_valign (spin, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (spin), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), spin);
  g_settings_bind (settings, key, spin, "value", G_SETTINGS_BIND_DEFAULT);
  return row;
}

static GtkWidget *
look_group (GSettings *settings)
{
  GtkWidget *group = adw_preferences_group_new ();

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ ("Look"));
  for (unsigned i = 0; i < G_N_ELEMENTS (look_rows); i++)
    adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), choice_row (&look_rows[i], settings));
  return group;
}

static GtkWidget *
work_group (GSettings *settings)
{
  GtkWidget *group = adw_preferences_group_new ();

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ ("Running"));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                             number_row (settings, "update-rate", _ ("Pictures a second"),
                                         _ ("At most, while a run goes on"), 1, 60));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                             number_row (settings, "workers", _ ("Workers of new runs"),
                                         _ ("0: as many as there are cores"), 0, 1024));
  return group;
}

static GtkWidget *
switch_row (GSettings *settings, const char *key, const char *title, const char *subtitle)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *on_off = gtk_switch_new ();

  gtk_widget_set_valign (on_off, GTK_ALIGN_CENTER);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), on_off);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), on_off);
  g_settings_bind (settings, key, on_off, "active", G_SETTINGS_BIND_DEFAULT);
  return row;
}

static GtkWidget *
text_row (GSettings *settings, const char *key, const char *title)
{
  GtkWidget *row = adw_entry_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  g_settings_bind (settings, key, row, "text", G_SETTINGS_BIND_DEFAULT);
  return row;
}

static GtkWidget *
others_group (GSettings *settings)
{
  GtkWidget *group = adw_preferences_group_new ();

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ ("Other programs"));
  adw_preferences_group_add (
      ADW_PREFERENCES_GROUP (group),
      switch_row (settings, "listen", _ ("Show their runs"), _ ("Only yours are heard")));
  adw_preferences_group_add (
      ADW_PREFERENCES_GROUP (group),
      text_row (settings, "python", _ ("Python for Dask clusters; empty: python3")));
  return group;
}

GtkWidget *
weftline_preferences_new (GtkWindow *parent, GSettings *settings)
{
  GtkWidget *window = adw_preferences_window_new ();
  GtkWidget *page = adw_preferences_page_new ();

  adw_preferences_page_set_title (ADW_PREFERENCES_PAGE (page), _ ("Preferences"));
  adw_preferences_page_set_icon_name (ADW_PREFERENCES_PAGE (page), "preferences-system-symbolic");
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page),
                            ADW_PREFERENCES_GROUP (look_group (settings)));
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page),
                            ADW_PREFERENCES_GROUP (work_group (settings)));
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page),
                            ADW_PREFERENCES_GROUP (others_group (settings)));
  adw_preferences_window_add (ADW_PREFERENCES_WINDOW (window), ADW_PREFERENCES_PAGE (page));
  adw_preferences_window_set_search_enabled (ADW_PREFERENCES_WINDOW (window), FALSE);
  gtk_window_set_transient_for (GTK_WINDOW (window), parent);
  gtk_window_set_modal (GTK_WINDOW (window), TRUE);
  return window;
}
