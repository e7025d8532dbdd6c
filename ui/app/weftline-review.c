/* weftline-review.c: what a graph would do outside, before anything runs
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "app/weftline-review.h"
#include "canvas/note-text.h"
#include "canvas/widget-text.h"

#include <adwaita.h>
#include <glib/gi18n.h>

static void
append_sentence (GString *text, const char *sentence)
{
  if (text->len > 0)
    g_string_append_c (text, ' ');
  g_string_append (text, sentence);
}

static char *
description (WeftlinePlan *plan)
{
  uint32_t n = weftline_plan_n_external (plan);
  unsigned n_plugins = g_strv_length ((char **) weftline_plan_plugins (plan));
  g_autofree char *tasks =
      g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "One task starts a program or touches files.",
                                    "%u tasks start programs or touch files.", n),
                       n);
  g_autofree char *plugins = g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "A plug-in is loaded, in a process of its own.",
                   "%u plug-ins are loaded, in a process of their own.", n_plugins),
      n_plugins);
  GString *text = g_string_new (NULL);

  if (n_plugins > 0)
    append_sentence (text, plugins);
  if (n > 0)
    append_sentence (text, tasks);
  append_sentence (text, _ ("Nothing runs before you say so."));
  return g_string_free (text, FALSE);
}

static GtkWidget *
make_list (WeftlinePlan *plan)
{
  GString *text = g_string_new (NULL);
  GtkWidget *label;
  unsigned n = 0;

  for (const char *const *plugin = weftline_plan_plugins (plan); *plugin != NULL; plugin++)
    {
      if (text->len > 0)
        g_string_append_c (text, '\n');
      /* Translators: the path of one */
      g_string_append_printf (text, _ ("plug-in %s"), *plugin);
    }
  for (const char *const *line = weftline_plan_commands (plan); *line != NULL; line++, n++)
    g_string_append_printf (text, "%s%s", text->len > 0 ? "\n" : "", *line);
  if (n < weftline_plan_n_external (plan))
    g_string_append_printf (text, _ ("\n%u of %u shown"), n, weftline_plan_n_external (plan));
  label = gtk_label_new (text->str);
  g_string_free (text, TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_yalign (GTK_LABEL (label), 0);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  weftline_label_wrap (label);
  gtk_widget_add_css_class (label, "monospace");
  gtk_widget_add_css_class (label, "card-body");
  gtk_widget_add_css_class (label, "review-list");
  return label;
}

/* What is not as the graph has it; not there when all is. (transfer floating) (nullable) */
static GtkWidget *
make_notes (WeftlinePlan *plan)
{
  g_auto (GStrv) lines = weftline_note_lines (weftline_plan_notes (plan));
  g_autofree char *text = g_strjoinv ("\n", lines);
  GtkWidget *label;

  if (lines[0] == NULL)
    return NULL;
  label = gtk_label_new (text);
  weftline_label_wrap (label);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "dim-label");
  return label;
}

GtkWidget *
weftline_review_new (WeftlinePlan *plan)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkWidget *clamp = adw_clamp_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 18);
  GtkWidget *title = gtk_label_new (weftline_plan_name (plan));
  g_autofree char *words = description (plan);
  GtkWidget *about = gtk_label_new (words);
  GtkWidget *button = gtk_button_new_with_mnemonic (_ ("_Run These"));
  GtkWidget *notes = make_notes (plan);

  gtk_widget_add_css_class (title, "title-1");
  gtk_label_set_wrap (GTK_LABEL (title), TRUE);
  gtk_label_set_wrap (GTK_LABEL (about), TRUE);
  gtk_label_set_justify (GTK_LABEL (about), GTK_JUSTIFY_CENTER);
  /* its label names it; the property has the mnemonic's mark */
  gtk_accessible_reset_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL);
  gtk_widget_add_css_class (button, "pill");
  gtk_widget_add_css_class (button, "suggested-action");
  gtk_widget_set_halign (button, GTK_ALIGN_CENTER);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.run");
  gtk_widget_add_css_class (box, "review");
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), about);
  gtk_box_append (GTK_BOX (box), make_list (plan));
  if (notes != NULL)
    gtk_box_append (GTK_BOX (box), notes);
  gtk_box_append (GTK_BOX (box), button);
  adw_clamp_set_child (ADW_CLAMP (clamp), box);
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), 760);
  /* the page and not the list: so the list is as high as its lines, however they wrap, and the
   * button stands below what is to be read */
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), clamp);
  return scrolled;
}
