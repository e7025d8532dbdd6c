/* weftline-cards.h: which cards there are, and where they stand at first
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "app/weftline-dock.h"
#include "export/export.h"
#include "session/weftline-session.h"

G_BEGIN_DECLS

/**
 * WeftlineLayoutKind:
 * @name: in settings and actions
 * @title: translated
 * @tree: at first; names cards, those that do not exist are passed over
 * @main_card: without it the layout is not offered
 * @of_workers: it is offered only for runs that have processes as workers
 */
typedef struct
{
  const char *name;
  const char *title;
  const char *tree;
  const char *main_card;
  gboolean of_workers;
} WeftlineLayoutKind;

unsigned weftline_layout_kinds_n (void);
void weftline_layout_kinds_get (unsigned index, WeftlineLayoutKind *kind);
/* Returns: FALSE if there is none of that name */
gboolean weftline_layout_kinds_find (const char *name, WeftlineLayoutKind *kind);

/* Makes a card of each view there is. */
void weftline_cards_add (WeftlineDock *dock, WeftlineSession *session);
/* Fills in what a card shows now, but for rows of a table, and for what is said of a run. The
 * viewport is the card's. Returns: FALSE: there is no such card */
gboolean weftline_cards_describe (WeftlineCard *card, WeftlineExport *export);
/* Whether there is a card of that name. */
gboolean weftline_cards_exist (const char *name);

G_END_DECLS
