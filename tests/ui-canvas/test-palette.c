/* test-palette.c: colours that tell apart
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "test-support.h"

#include "canvas/palette.h"

#include <math.h>

static void
test_groups_keep_their_colors (void)
{
  WeftlineGroupColors *first = weftline_group_colors_new ();
  WeftlineGroupColors *second = weftline_group_colors_new ();

  for (unsigned i = 0; i < 30; i++)
    {
      g_autofree char *name = g_strdup_printf ("group-%u", i * 7);
      unsigned slot = weftline_group_colors_add (first, name);

      g_assert_cmpuint (weftline_group_colors_add (second, name), ==, slot);
      g_assert_cmpuint (weftline_group_colors_add (first, name), ==, slot);
    }
  weftline_group_colors_free (first);
  weftline_group_colors_free (second);
}

/* While there are colours no two groups share one; then they are “other”, and counted. */
static void
test_groups_differ (void)
{
  WeftlineGroupColors *colors = weftline_group_colors_new ();
  bool taken[WEFTLINE_N_SLOTS] = { false };

  for (unsigned i = 0; i < WEFTLINE_SLOT_OTHER; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u", g_test_rand_int ());
      unsigned slot = weftline_group_colors_add (colors, name);

      g_assert_cmpuint (slot, <, WEFTLINE_SLOT_OTHER);
      g_assert_false (taken[slot]);
      g_assert_cmpuint (slot / WEFTLINE_N_HUES, ==, i / WEFTLINE_N_HUES);
      taken[slot] = true;
    }
  g_assert_cmpuint (weftline_group_colors_n_other (colors), ==, 0);
  g_assert_cmpuint (weftline_group_colors_add (colors, "one more"), ==, WEFTLINE_SLOT_OTHER);
  g_assert_cmpuint (weftline_group_colors_add (colors, "and more"), ==, WEFTLINE_SLOT_OTHER);
  g_assert_cmpuint (weftline_group_colors_n_other (colors), ==, 2);
  weftline_group_colors_free (colors);
}

/* How two colours look to who lacks one kind of cone (Viénot, Brettel and Mollon, “Digital video
 * colourmaps”, 1999), as a distance of linear light. */
static void
to_linear (uint32_t color, double *light)
{
  for (unsigned i = 0; i < 3; i++)
    {
      double part = (double) (color >> (16 - 8 * i) & 0xff) / 255;

      light[i] = part <= 0.04045 ? part / 12.92 : pow ((part + 0.055) / 1.055, 2.4);
    }
}

static void
simulate (uint32_t color, bool is_protan, double *seen)
{
  double light[3];

  to_linear (color, light);
  if (is_protan)
    {
      seen[0] = seen[1] = 0.11238 * light[0] + 0.88762 * light[1];
      seen[2] = 0.00401 * light[0] - 0.00401 * light[1] + light[2];
    }
  else
    {
      seen[0] = seen[1] = 0.29275 * light[0] + 0.70725 * light[1];
      seen[2] = -0.02234 * light[0] + 0.02234 * light[1] + light[2];
    }
  for (unsigned i = 0; i < 3; i++)
    seen[i] = cbrt (MAX (seen[i], 0));
}

static void
test_hues_differ_to_the_color_blind (void)
{
  const WeftlinePalette *palette = weftline_palette (WEFTLINE_PALETTE_SAFE, false);

  for (unsigned kind = 0; kind < 2; kind++)
    for (unsigned i = 0; i < WEFTLINE_N_HUES; i++)
      for (unsigned k = 0; k < i; k++)
        {
          double a[3], b[3], sum = 0;

          simulate (palette->slots[i], kind, a);
          simulate (palette->slots[k], kind, b);
          for (unsigned part = 0; part < 3; part++)
            sum += (a[part] - b[part]) * (a[part] - b[part]);
          g_assert_cmpfloat (sqrt (sum), >, 0.08);
        }
}

static void
test_text_can_be_read (void)
{
  for (unsigned kind = 0; kind < 2; kind++)
    for (unsigned is_dark = 0; is_dark < 2; is_dark++)
      {
        const WeftlinePalette *palette = weftline_palette (kind, is_dark);

        g_assert_cmpfloat (weftline_contrast (palette->text, palette->card), >=, 7);
        g_assert_cmpfloat (weftline_contrast (palette->dim, palette->card), >=, 4.5);
        g_assert_cmpfloat (weftline_contrast (palette->accent, palette->card), >=, 4.5);
        g_assert_cmpfloat (weftline_contrast (palette->box_text, palette->box), >=, 7);
        g_assert_cmpfloat (weftline_contrast (palette->error, palette->track), >=, 7);
        for (unsigned i = 0; i < WEFTLINE_N_SLOTS; i++)
          g_assert_cmpfloat (
              weftline_contrast (palette->slots[i], weftline_text_on (palette->slots[i])), >=, 4.1);
      }
}

/* From Dask: color_of("x") for some x. */
static void
test_classic_is_md5 (void)
{
  /* md5("inc") = cf9f3fde… % 18, worked out apart from this code */
  g_assert_cmpuint (weftline_classic_slot ("inc"), ==, 12);
  g_assert_cmpuint (weftline_classic_slot ("add"), ==, 6);
  g_assert_cmphex (
      weftline_palette_group (weftline_palette (WEFTLINE_PALETTE_CLASSIC, true), "inc", 3), ==,
      weftline_palette (WEFTLINE_PALETTE_CLASSIC, false)->classic[12]);
}

/* On light they are Dask's; on dark, which Dask has not, each is lighter than what it stands on,
 * and none became like another. */
static void
test_classic_is_seen_on_dark (void)
{
  const WeftlinePalette *light = weftline_palette (WEFTLINE_PALETTE_CLASSIC, false);
  const WeftlinePalette *dark = weftline_palette (WEFTLINE_PALETTE_CLASSIC, true);

  g_assert_cmphex (light->classic[0], ==, 0x440154);
  g_assert_cmphex (light->classic[WEFTLINE_N_CLASSIC - 1], ==, 0xfde724);
  for (unsigned i = 0; i < WEFTLINE_N_CLASSIC; i++)
    {
      g_assert_cmpfloat (weftline_contrast (dark->classic[i], dark->track), >=, 1.8);
      g_assert_cmpfloat (weftline_contrast (dark->classic[i], 0), >,
                         weftline_contrast (dark->track, 0));
      if (weftline_contrast (light->classic[i], 0) > 8)
        g_assert_cmphex (dark->classic[i], ==, light->classic[i]);
      for (unsigned k = 0; k < i; k++)
        g_assert_cmphex (dark->classic[i], !=, dark->classic[k]);
    }
}

static void
test_blend (void)
{
  g_assert_cmphex (weftline_blend (0x123456, 0xabcdef, 0), ==, 0x123456);
  g_assert_cmphex (weftline_blend (0x123456, 0xabcdef, 256), ==, 0xabcdef);
  for (unsigned i = 0; i < 1000; i++)
    {
      uint32_t under = (uint32_t) g_test_rand_int_range (0, 0x1000000);
      uint32_t over = (uint32_t) g_test_rand_int_range (0, 0x1000000);
      uint32_t share = (uint32_t) g_test_rand_int_range (0, 257);
      uint32_t mixed = weftline_blend (under, over, share);

      for (unsigned shift = 0; shift <= 16; shift += 8)
        {
          uint32_t a = under >> shift & 0xff, b = over >> shift & 0xff;

          g_assert_cmpuint (mixed >> shift & 0xff, ==, (a * (256 - share) + b * share) / 256);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-canvas", "palette", "groups-keep-their-colors", test_groups_keep_their_colors);
  test_add ("ui-canvas", "palette", "groups-differ", test_groups_differ);
  test_add ("ui-canvas", "palette", "hues-differ-to-the-color-blind",
            test_hues_differ_to_the_color_blind);
  test_add ("ui-canvas", "palette", "text-can-be-read", test_text_can_be_read);
  test_add ("ui-canvas", "palette", "classic-is-md5", test_classic_is_md5);
  test_add ("ui-canvas", "palette", "classic-is-seen-on-dark", test_classic_is_seen_on_dark);
  test_add ("ui-canvas", "palette", "blend", test_blend);
  return g_test_run ();
}
