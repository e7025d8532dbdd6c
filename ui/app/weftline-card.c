/* weftline-card.c: a pane's frame: title left, figures right, a view below
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * What its buttons do is up to the dock, through the actions `dock.maximise` and `dock.hide`, whose
 * target is the card's name.
 */
#include "config.h"

#include "app/weftline-card.h"

#include "canvas/text-line.h"
#include "canvas/text-zoom.h"
#include "canvas/widget-text.h"

#include <glib/gi18n.h>

/* Of a title in a narrow card, before what stands beside it is cut. */
#define TITLE_CHARS 4

struct _WeftlineCard
{
  GtkWidget parent_instance;

  char *name;
  GtkWidget *box;
  GtkWidget *title;
  GtkWidget *time;
  GtkWidget *figures;
  GtkWidget *menu;
  GtkWidget *context; /* (nullable): the same menu, at a place in the view */
  GtkWidget *hide;
  GtkWidget *maximise;
  GtkWidget *child;
};

G_DEFINE_FINAL_TYPE (WeftlineCard, weftline_card, GTK_TYPE_WIDGET)

static void
weftline_card_dispose (GObject *object)
{
  WeftlineCard *self = WEFTLINE_CARD (object);

  g_clear_pointer (&self->context, gtk_widget_unparent);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_pointer (&self->name, g_free);
  G_OBJECT_CLASS (weftline_card_parent_class)->dispose (object);
}

static void
weftline_card_class_init (WeftlineCardClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = weftline_card_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "weftcard");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
weftline_card_init (WeftlineCard *self)
{
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
}

static GtkWidget *
head_button (const char *icon, const char *label, const char *action, const char *name)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "card-button");
  gtk_widget_set_tooltip_text (button, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", name);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  return button;
}

static GtkWidget *
make_menu (void)
{
  GtkWidget *button = gtk_menu_button_new ();

  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), "view-more-symbolic");
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "card-menu");
  gtk_widget_set_tooltip_text (button, _ ("More"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("More"), -1);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_visible (button, FALSE);
  return button;
}

/* All cards have the same buttons: to those who hear them one after another, whose they are. */
static void
describe_buttons (WeftlineCard *self)
{
  GtkWidget *const buttons[] = { self->menu, gtk_widget_get_first_child (self->menu),
                                 self->maximise, self->hide };

  for (unsigned i = 0; i < G_N_ELEMENTS (buttons); i++)
    gtk_accessible_update_property (GTK_ACCESSIBLE (buttons[i]),
                                    GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                    gtk_label_get_text (GTK_LABEL (self->title)), -1);
}

static GtkWidget *
make_head (WeftlineCard *self, const char *title)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 2);

  self->title = gtk_label_new (title);
  self->time = gtk_label_new (NULL);
  self->figures = gtk_label_new (NULL);
  gtk_widget_add_css_class (head, "card-head");
  gtk_widget_add_css_class (self->title, "heading");
  gtk_widget_add_css_class (self->time, "card-time");
  gtk_widget_add_css_class (self->time, "numeric");
  gtk_widget_set_valign (self->time, GTK_ALIGN_CENTER);
  gtk_widget_set_visible (self->time, FALSE);
  gtk_widget_add_css_class (self->figures, "dim-label");
  gtk_widget_add_css_class (self->figures, "numeric");
  gtk_label_set_xalign (GTK_LABEL (self->figures), 1);
  gtk_label_set_width_chars (GTK_LABEL (self->title),
                             (int) MIN (g_utf8_strlen (title, -1), TITLE_CHARS));
  gtk_label_set_xalign (GTK_LABEL (self->title), 0);
  gtk_label_set_ellipsize (GTK_LABEL (self->title), PANGO_ELLIPSIZE_END);
  gtk_label_set_ellipsize (GTK_LABEL (self->time), PANGO_ELLIPSIZE_END);
  gtk_widget_set_tooltip_text (self->title, title);
  gtk_label_set_ellipsize (GTK_LABEL (self->figures), PANGO_ELLIPSIZE_END);
  self->maximise =
      head_button ("weftline-maximise-symbolic", _ ("Maximise"), "dock.maximise", self->name);
  gtk_box_append (GTK_BOX (head), weftline_text_line_new (self->title, self->time, self->figures));
  self->menu = make_menu ();
  gtk_box_append (GTK_BOX (buttons), self->menu);
  gtk_box_append (GTK_BOX (buttons), self->maximise);
  self->hide = head_button ("window-close-symbolic", _ ("Hide"), "dock.hide", self->name);
  gtk_box_append (GTK_BOX (buttons), self->hide);
  gtk_box_append (GTK_BOX (head), buttons);
  describe_buttons (self);
  return head;
}

WeftlineCard *
weftline_card_new (const char *name, const char *title, GtkWidget *child, gboolean is_drawn)
{
  WeftlineCard *self = g_object_new (WEFTLINE_TYPE_CARD, NULL);
  GtkWidget *body = is_drawn ? weftline_text_zoom_new (child) : child;

  self->name = g_strdup (name);
  self->child = child;
  gtk_box_append (GTK_BOX (self->box), make_head (self, title));
  gtk_widget_set_vexpand (body, TRUE);
  gtk_box_append (GTK_BOX (self->box), body);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  return self;
}

const char *
weftline_card_name (WeftlineCard *self)
{
  return self->name;
}

const char *
weftline_card_title (WeftlineCard *self)
{
  return gtk_label_get_text (GTK_LABEL (self->title));
}

GtkWidget *
weftline_card_child (WeftlineCard *self)
{
  return self->child;
}

void
weftline_card_set_figures (WeftlineCard *self, const char *figures)
{
  const char *title = gtk_label_get_text (GTK_LABEL (self->title));
  /* where there is no room for them, they can be asked for at the title */
  g_autofree char *both =
      figures != NULL ? g_strdup_printf ("%s · %s", title, figures) : g_strdup (title);

  gtk_label_set_text (GTK_LABEL (self->figures), figures != NULL ? figures : "");
  weftline_widget_tell (self->figures, figures);
  weftline_widget_tell (self->title, both);
}

void
weftline_card_set_time (WeftlineCard *self, const char *time, const char *words)
{
  gtk_label_set_text (GTK_LABEL (self->time), time != NULL ? time : "");
  weftline_widget_tell (self->time, words);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->time), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  words != NULL ? words : "", -1);
  gtk_widget_set_visible (self->time, time != NULL);
}

void
weftline_card_set_menu (WeftlineCard *self, GMenuModel *menu)
{
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (self->menu), menu);
  gtk_widget_set_visible (self->menu, menu != NULL);
  g_clear_pointer (&self->context, gtk_widget_unparent);
}

void
weftline_card_popup_menu (WeftlineCard *self, double x, double y)
{
  GMenuModel *menu = gtk_menu_button_get_menu_model (GTK_MENU_BUTTON (self->menu));

  if (menu == NULL)
    return;
  if (self->context == NULL)
    {
      self->context = gtk_popover_menu_new_from_model (menu);
      gtk_popover_set_has_arrow (GTK_POPOVER (self->context), FALSE);
      gtk_widget_set_halign (self->context, GTK_ALIGN_START);
      gtk_widget_set_parent (self->context, GTK_WIDGET (self));
    }
  gtk_popover_set_pointing_to (GTK_POPOVER (self->context),
                               &(GdkRectangle){ (int) x, (int) y, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (self->context));
}

void
weftline_card_set_maximised (WeftlineCard *self, gboolean maximised)
{
  const char *label = maximised ? _ ("Restore") : _ ("Maximise");

  gtk_button_set_icon_name (GTK_BUTTON (self->maximise),
                            maximised ? "weftline-restore-symbolic" : "weftline-maximise-symbolic");
  gtk_widget_set_tooltip_text (self->maximise, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->maximise), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  label, -1);
  describe_buttons (self); /* the tooltip has become it */
}
