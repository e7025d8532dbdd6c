/* weftline-card-menus.h: what the menus of cards offer
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "app/weftline-card.h"
#include "session/weftline-session.h"

G_BEGIN_DECLS

/* Gives a card its menu, and the actions that go with it, by its view. */
void weftline_card_menus_add (WeftlineCard *card, WeftlineSession *session);

G_END_DECLS
