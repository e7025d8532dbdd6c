/* weftline-window-private.h: what the window's files share
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "app/weftline-connections.h"
#include "app/weftline-controls.h"
#include "app/weftline-search.h"
#include "app/weftline-window.h"

G_BEGIN_DECLS

/* One toast, whose text changes: the newest stands in place of what was said before. */
typedef struct
{
  AdwToast *toast; /* (nullable) */
  guint source;    /* until it goes, or 0 */
} WeftlineMessage;

struct _WeftlineWindow
{
  AdwApplicationWindow parent_instance;

  GSettings *settings;
  GSimpleAction *layout; /* which is shown; the setting is which is wanted */
  AdwFlap *flap;
  AdwHeaderBar *header;
  AdwWindowTitle *title;
  GtkLabel *run_name; /* beside the switcher */
  AdwToastOverlay *toasts;
  GtkBox *switcher;
  GtkBox *sidebar;
  GtkListBox *run_list;
  WeftlineConnections *connections; /* below the list */
  GtkStack *pages;
  GQueue shown; /* GtkWidget: pages of runs, the one that was shown last first */
  GMenu *pane_section;
  char *panes_told; /* (nullable): what it has */
  GtkWidget *start_page;
  WeftlineControls *controls;
  GtkBox *main_box;
  WeftlineSearch *search;
  WeftlineRun *watched; /* (nullable): the one that is shown */
  GtkNativeDialog *dialog;
  WeftlineMessage said; /* what was done, went wrong, or was not carried out */
  char *exported;       /* (nullable): the pane that is to become a file */
  guint narrow_source;
  unsigned n_opening;
  gboolean closing; /* as soon as no run is active any more */
};

/* ---- weftline-window-actions.c --------------------------------------------------------------- */

void _weftline_window_install_actions (GtkWidgetClass *widget_class);
/* Which actions can be used now, and the menu's list of panes. */
void _weftline_window_update_actions (WeftlineWindow *self);

/* ---- weftline-window-close.c ----------------------------------------------------------------- */

/* Asks if need be. Returns: GDK_EVENT_STOP while the window has to stay */
gboolean _weftline_window_close_request (GtkWindow *window);
/* The window may have waited for that. */
void _weftline_window_run_ended (WeftlineWindow *self);
/* Asks before a run that is active is given up. */
void _weftline_window_close_run (WeftlineWindow *self, WeftlineRun *run);
/* Of all but the one that is shown. */
void _weftline_window_close_ended_runs (WeftlineWindow *self);
/* Whether there are any. */
void _weftline_window_update_ended (WeftlineWindow *self);

/* ---- weftline-window-connect.c --------------------------------------------------------------- */

void _weftline_window_make_connections (WeftlineWindow *self);
/* Asks for the address of one, and connects to it. */
void _weftline_window_choose_cluster (WeftlineWindow *self);

/* ---- weftline-window-export.c ---------------------------------------------------------------- */

/* @as_list: not as a picture */
void _weftline_window_choose_export (WeftlineWindow *self, const char *pane, bool as_list);

/* ---- weftline-window-open.c ------------------------------------------------------------------ */

typedef void (*WeftlineChosenFunc) (WeftlineWindow *self, GFile *file);

/* The window's one dialog; not shown yet. (transfer none) */
GtkFileChooser *_weftline_window_make_chooser (WeftlineWindow *self, const char *title,
                                               GtkFileChooserAction action,
                                               WeftlineChosenFunc chosen);
void _weftline_window_add_filter (GtkFileChooser *chooser, const char *title,
                                  const char *const *patterns);
void _weftline_window_choose_file (WeftlineWindow *self);
void _weftline_window_choose_save (WeftlineWindow *self);
void _weftline_window_choose_screenshot (WeftlineWindow *self);
void _weftline_window_accept_drops (WeftlineWindow *self);
void _weftline_window_say (WeftlineWindow *self, const char *text);

/* ---- weftline-window.c ----------------------------------------------------------------------- */

/* Takes it out of the list. */
void _weftline_window_remove_run (WeftlineWindow *self, WeftlineRun *run);

G_END_DECLS
