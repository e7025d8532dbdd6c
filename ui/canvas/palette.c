/* palette.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The hues are Okabe and Ito's (“Color Universal Design”, 2008), blue and green lightened and a
 * violet for their yellow, which does not stand out on white.
 */
#include "config.h"

#include "canvas/palette.h"

#include <math.h>

static const uint32_t hues[WEFTLINE_N_HUES] = {
  0x4c9be8, /* blue */
  0xe69f00, /* orange */
  0x2fa37c, /* green */
  0xc96fa8, /* pink */
  0x7d6bd6, /* violet */
  0xd55e00, /* vermilion */
  0x757a83, /* grey: darker than it might be, to stay apart from pink without green cones */
};

/* Bokeh's viridis(18), which Dask's dashboard takes. */
static const uint32_t viridis[WEFTLINE_N_CLASSIC] = {
  0x440154, 0x471669, 0x472a79, 0x433c84, 0x3c4d8a, 0x355d8c, 0x2e6c8e, 0x287a8e, 0x23898d,
  0x1e978a, 0x20a585, 0x2eb27c, 0x45bf6f, 0x64cb5d, 0x88d547, 0xafdc2e, 0xd7e219, 0xfde724,
};

#define CLASSIC_CONTRAST 1.8 /* with an empty lane, on dark */

static const WeftlinePalette light = {
  .card = 0xffffff,
  .track = 0xf1f1f1,
  .idle = 0xffffff,
  .grid = 0xdedede,
  .text = 0x2e3436,
  .dim = 0x6b6f72,
  .accent = 0x1c71d8,
  .error = 0x1d1d1d,
  .spill = 0xd98a00,
  .transfer = 0xd1495b,
  .phase = 0x8a8f98,
  .pause = 0xb5b8bd,
  .box = 0x242424,
  .box_text = 0xf6f5f4,
};

static const WeftlinePalette dark = {
  .dark = true,
  .card = 0x353535, /* as libadwaita makes it of the window and card_bg_color */
  .track = 0x404040,
  .idle = 0x353535,
  .grid = 0x4e4e4e,
  .text = 0xf6f5f4,
  .dim = 0xb0b0b0,
  .accent = 0x78aeed,
  .error = 0xf6f5f4,
  .spill = 0xf5b73c,
  .transfer = 0xf0707f,
  .phase = 0xa9adb5,
  .pause = 0x77797d,
  .box = 0x111111,
  .box_text = 0xf6f5f4,
};

/* Dask's page is white, and there they are as they are. On dark half of viridis is as dark as an
 * empty lane is, so that what is drawn in it, its edges, and forms of it at less than full strength
 * would not be seen: these are lightened as far as it takes. */
static void
fill_classic (WeftlinePalette *palette)
{
  for (unsigned i = 0; i < WEFTLINE_N_CLASSIC; i++)
    {
      uint32_t color = viridis[i];

      for (uint32_t share = 8; palette->dark && share <= 256
                               && weftline_contrast (color, palette->track) < CLASSIC_CONTRAST;
           share += 8)
        color = weftline_blend (viridis[i], 0xffffff, share);
      palette->classic[i] = color;
    }
}

static void
fill_slots (WeftlinePalette *palette)
{
  for (unsigned i = 0; i < WEFTLINE_N_HUES; i++)
    {
      palette->slots[i] = hues[i];
      palette->slots[i + WEFTLINE_N_HUES] = weftline_blend (hues[i], 0xffffff, 110);
      palette->slots[i + 2 * WEFTLINE_N_HUES] = weftline_blend (hues[i], 0x000000, 90);
    }
  palette->slots[WEFTLINE_SLOT_OTHER] = palette->dark ? 0x9a9996 : 0xb0aeac;
  fill_classic (palette);
}

/* What Dask's graph page has for a task's state: grey, yellow, green, red, blue, black; what is
 * cancelled, which it does not know, grey as well. Their full strength would not be told from the
 * ground everywhere: yellow is darker on white, blue, green and red are lighter on dark. */
static void
fill_states (WeftlinePalette *palette)
{
  static const uint32_t on_light[WEFTLINE_N_STATE_COLORS] = {
    0x808080, 0xc9a400, 0x008000, 0xe60000, 0x0000ff, 0x000000, 0x808080,
  };
  static const uint32_t on_dark[WEFTLINE_N_STATE_COLORS] = {
    0xa0a0a0, 0xffe600, 0x3fbf3f, 0xff5555, 0x7f8fff, 0xffffff, 0xa0a0a0,
  };

  palette->has_states = true;
  memcpy (palette->states, palette->dark ? on_dark : on_light, sizeof palette->states);
}

/* Dask's special colours: red, orange, gray, black, with its opacity where they are laid on. */
static void
make_classic (WeftlinePalette *palette)
{
  palette->kind = WEFTLINE_PALETTE_CLASSIC;
  palette->transfer = 0xff0000;
  palette->spill = 0xffa500;
  palette->phase = 0x808080;
  palette->error = palette->dark ? 0xffffff : 0x000000;
  fill_states (palette);
}

const WeftlinePalette *
weftline_palette (WeftlinePaletteKind kind, bool is_dark)
{
  static WeftlinePalette palettes[2][2];
  static gsize once;

  if (g_once_init_enter (&once))
    {
      for (unsigned k = 0; k < 2; k++)
        for (unsigned d = 0; d < 2; d++)
          {
            palettes[k][d] = d ? dark : light;
            if (k == WEFTLINE_PALETTE_CLASSIC)
              make_classic (&palettes[k][d]);
            fill_slots (&palettes[k][d]);
          }
      g_once_init_leave (&once, 1);
    }
  return &palettes[kind == WEFTLINE_PALETTE_CLASSIC][is_dark];
}

struct _WeftlineGroupColors
{
  GHashTable *slots; /* name → slot */
  bool taken[WEFTLINE_SLOT_OTHER];
  unsigned n_other;
};

WeftlineGroupColors *
weftline_group_colors_new (void)
{
  WeftlineGroupColors *colors = g_new0 (WeftlineGroupColors, 1);

  colors->slots = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return colors;
}

void
weftline_group_colors_free (WeftlineGroupColors *colors)
{
  if (colors == NULL)
    return;
  g_hash_table_unref (colors->slots);
  g_free (colors);
}

/* FNV-1a, its high bits folded in: stays the same from release to release, as g_str_hash may not */
static uint32_t
hash_name (const char *name)
{
  uint64_t hash = UINT64_C (0xcbf29ce484222325);

  for (; *name != '\0'; name++)
    hash = (hash ^ (uint8_t) *name) * UINT64_C (0x100000001b3);
  return (uint32_t) (hash ^ hash >> 32);
}

static unsigned
free_slot (const WeftlineGroupColors *colors, const char *name)
{
  unsigned n_colored = WEFTLINE_N_HUES - 1;
  unsigned wished = hash_name (name) % n_colored;

  for (unsigned shade = 0; shade < 3; shade++)
    for (unsigned i = 0; i < WEFTLINE_N_HUES; i++)
      {
        unsigned hue = i < n_colored ? (wished + i) % n_colored : n_colored;

        if (!colors->taken[shade * WEFTLINE_N_HUES + hue])
          return shade * WEFTLINE_N_HUES + hue;
      }
  return WEFTLINE_SLOT_OTHER;
}

unsigned
weftline_group_colors_add (WeftlineGroupColors *colors, const char *name)
{
  void *known;
  unsigned slot;

  if (g_hash_table_lookup_extended (colors->slots, name, NULL, &known))
    return GPOINTER_TO_UINT (known);
  slot = free_slot (colors, name);
  if (slot < WEFTLINE_SLOT_OTHER)
    colors->taken[slot] = true;
  else
    colors->n_other++;
  g_hash_table_insert (colors->slots, g_strdup (name), GUINT_TO_POINTER (slot));
  return slot;
}

unsigned
weftline_group_colors_n_other (const WeftlineGroupColors *colors)
{
  return colors->n_other;
}

unsigned
weftline_classic_slot (const char *name)
{
  g_autofree char *hex = g_compute_checksum_for_string (G_CHECKSUM_MD5, name, -1);

  hex[8] = '\0';
  return (unsigned) (g_ascii_strtoull (hex, NULL, 16) % WEFTLINE_N_CLASSIC);
}

uint32_t
weftline_palette_group (const WeftlinePalette *palette, const char *name, unsigned slot)
{
  if (palette->kind == WEFTLINE_PALETTE_CLASSIC)
    return palette->classic[weftline_classic_slot (name)];
  return palette->slots[MIN (slot, WEFTLINE_SLOT_OTHER)];
}

static double
luminance (uint32_t color)
{
  static const double weights[] = { 0.0722, 0.7152, 0.2126 };
  double sum = 0;

  for (unsigned i = 0; i < 3; i++)
    {
      double part = (double) (color >> 8 * i & 0xff) / 255;

      sum += weights[i] * (part <= 0.03928 ? part / 12.92 : pow ((part + 0.055) / 1.055, 2.4));
    }
  return sum;
}

double
weftline_contrast (uint32_t a, uint32_t b)
{
  double first = luminance (a), second = luminance (b);

  return (MAX (first, second) + 0.05) / (MIN (first, second) + 0.05);
}

uint32_t
weftline_text_on (uint32_t color)
{
  return weftline_contrast (color, 0xffffff) >= weftline_contrast (color, 0x1d1d1d) ? 0xffffff
                                                                                    : 0x1d1d1d;
}

void
weftline_set_color (cairo_t *cr, uint32_t color, double alpha)
{
  cairo_set_source_rgba (cr, (color >> 16 & 0xff) / 255.0, (color >> 8 & 0xff) / 255.0,
                         (color & 0xff) / 255.0, alpha);
}
