//! The natural logarithm in basic operations and without a division, which is what a general
//! library's waits for: about as many instructions, and 5 ns less for each.
//!
//! Sampling is mostly logarithms, so this one has a file of its own. Write `x` as `2^k z` with `z`
//! from 0.6875 to 1.375, look up a number `c` close to `1/z` that has nine bits only, and add up
//!
//! ```text
//! ln x = k ln 2  -  ln c  +  ln(1 + r)        r = z c - 1, at most 2^-7 in size
//! ```
//!
//! `r` is exact to its last bit: both halves of `z` times `c` fit into a double. `ln c` and `ln 2`
//! are each a head, whose sums are exact, and a tail. The last term is the first eight of its
//! series. Next to 1, `c` is 1 and the result is that series alone, so it stays accurate where it
//! is small.
//!
//! Only additions, multiplications and integer operations, each of which IEEE 754 fixes exactly:
//! the same bits everywhere. A test holds every result within one unit in the last place of the
//! `libm` crate's. Source of the scheme: Tang, "Table-driven implementation of the logarithm
//! function" (1990). Rejected: fused multiplication, which is slow where it is not an instruction.

/// The bits of the least `z`.
const LEAST: u64 = 0x3fe6_0000_0000_0000;
const TABLE_BITS: u32 = 7;
const MANTISSA_BITS: u32 = 52;
/// Bits of the greater half of `z`.
const HEAD: u64 = !0 << 27;
/// The natural logarithm of 2, in a head of 42 bits and a tail.
const LN_2: (f64, f64) = (
    f64::from_bits(0x3fe6_2e42_fefa_3800),
    f64::from_bits(0x3d2e_f357_93c7_6730),
);

/// Natural logarithm of any number.
#[expect(clippy::many_single_char_names, reason = "the names of the source")]
#[inline]
pub(super) fn ln(x: f64) -> f64 {
    let bits = x.to_bits();
    // Normal and positive: everything else wraps to a greater number.
    if bits.wrapping_sub(1 << MANTISSA_BITS) >= (0x7fe << MANTISSA_BITS) {
        return unusual(x);
    }
    let from_least = bits.wrapping_sub(LEAST);
    let row = (from_least >> (MANTISSA_BITS - TABLE_BITS)) as usize % TABLE.len();
    let k = (from_least.cast_signed() >> MANTISSA_BITS) as f64;
    let z = bits.wrapping_sub(from_least & (!0 << MANTISSA_BITS));
    let (c, ln_head, ln_tail) = TABLE[row];
    let (c, ln_head, ln_tail) = (
        f64::from(c) / 256.0,
        f64::from_bits(ln_head),
        f64::from_bits(ln_tail),
    );
    let head = f64::from_bits(z & HEAD);
    let tail = f64::from_bits(z) - head;
    let r = (head * c - 1.0) + tail * c;
    let whole = k * LN_2.0 + ln_head;
    let sum = whole + r;
    let rest = (whole - sum) + r + (k * LN_2.1 + ln_tail);
    let r2 = r * r;
    let low = -1.0 / 2.0 + r * (1.0 / 3.0) + r2 * (-1.0 / 4.0 + r * (1.0 / 5.0));
    let high = -1.0 / 6.0 + r * (1.0 / 7.0) + r2 * (-1.0 / 8.0);
    sum + (rest + r2 * (low + r2 * r2 * high))
}

/// Zero, negative numbers, infinity, not-a-number, and numbers below 2^-1022.
#[cold]
fn unusual(x: f64) -> f64 {
    libm::log(x)
}

/// For each row 256 times `c`, and the bits of the head and the tail of `-ln c`.
const TABLE: [(u16, u64, u64); 1 << TABLE_BITS] = [
    (371, 0xbfd7_bede_0a37_b000, 0x3cf0_1878_3cb9_801a),
    (369, 0xbfd7_664e_1239_d800, 0xbd2e_7609_2a29_b0a2),
    (367, 0xbfd7_0d42_e278_9000, 0xbd21_aead_337e_e287),
    (365, 0xbfd6_b3bb_2235_9800, 0x3d2e_13b5_0ad9_9b31),
    (363, 0xbfd6_59b5_7303_e000, 0xbd1f_281d_b0af_8efc),
    (361, 0xbfd5_ff30_70a7_9000, 0xbd2e_9e43_9f10_5039),
    (359, 0xbfd5_a42a_b0f4_d000, 0x3cde_63af_2df7_ba69),
    (357, 0xbfd5_48a2_c3ad_d000, 0xbd23_167e_6308_1cf7),
    (355, 0xbfd4_ec97_3260_0000, 0xbd23_4d7a_af04_d104),
    (353, 0xbfd4_9006_8040_0800, 0xbd1d_0cc0_0797_c1d1),
    (351, 0xbfd4_32ef_2a04_e800, 0xbcd3_b59b_3a3a_94dc),
    (350, 0xbfd4_0430_8686_a800, 0x3cdc_42f3_ed82_0b3a),
    (348, 0xbfd3_a64c_5569_4800, 0x3d20_b1c6_8651_9460),
    (346, 0xbfd3_47dd_9a98_8000, 0x3d25_594d_d4c5_8092),
    (344, 0xbfd2_e8e2_bae1_2000, 0x3d26_7b1e_99b7_2bd8),
    (342, 0xbfd2_895a_13de_8800, 0x3d15_ca14_b6cf_b03f),
    (340, 0xbfd2_2941_fbcf_7800, 0xbd16_5a24_2853_da76),
    (339, 0xbfd1_f8ff_9e48_a000, 0xbd27_946c_040c_be77),
    (337, 0xbfd1_980d_2dd4_2000, 0xbd2b_7b3a_7a36_1c9a),
    (335, 0xbfd1_3687_0293_a800, 0xbd06_0bdb_314c_76e9),
    (334, 0xbfd1_058b_f9ae_4800, 0xbd26_a8c4_fd05_5a66),
    (332, 0xbfd0_a324_e273_9000, 0xbd0c_6bee_7ef4_030e),
    (330, 0xbfd0_4025_94b4_d000, 0xbcf0_36b8_9ef4_2d7f),
    (329, 0xbfd0_0e6c_45ad_5000, 0xbcdc_c68d_52e0_1203),
    (327, 0xbfcf_550a_564b_8000, 0x3d23_23e3_a092_02fe),
    (325, 0xbfce_8c02_52aa_6000, 0x3d26_805b_80e8_e6ff),
    (324, 0xbfce_2707_6e2a_f000, 0xbd17_2f4f_543f_ff10),
    (322, 0xbfcd_5c21_6b4f_c000, 0x3d21_ba91_bbca_681b),
    (320, 0xbfcc_8ff7_c79a_a000, 0x3d27_794f_689f_8434),
    (319, 0xbfcc_2968_558c_2000, 0x3d2c_fd73_dee3_8a40),
    (317, 0xbfcb_5b51_9e8f_b000, 0xbd26_91ba_27fd_c19e),
    (316, 0xbfca_f3c9_4e80_c000, 0x3cba_4e63_3fcd_9066),
    (314, 0xbfca_23bc_1fe2_b000, 0xbd25_8c64_dc46_c1ea),
    (313, 0xbfc9_bb36_2e7e_0000, 0x3d21_f2a8_a1ce_0ffc),
    (311, 0xbfc8_e928_de88_7000, 0x3d15_faad_3b0a_34ad),
    (310, 0xbfc8_7fa0_6520_d000, 0x3d2b_bdbf_7fdb_fa09),
    (308, 0xbfc7_ab89_0210_e000, 0x3d2b_db90_7253_4a58),
    (307, 0xbfc7_40f8_f540_3000, 0xbd2e_9326_cdfc_eabe),
    (306, 0xbfc6_d60f_e719_d000, 0xbd10_e46a_a3b2_e266),
    (304, 0xbfc5_ff30_70a7_9000, 0xbd1e_9e43_9f10_5039),
    (303, 0xbfc5_9338_d998_2000, 0xbcf0_ba68_b755_5d4a),
    (301, 0xbfc4_ba36_f39a_5000, 0xbd27_9568_981b_cc36),
    (300, 0xbfc4_4d2b_6ccb_8000, 0x3d17_0cc1_6135_783c),
    (299, 0xbfc3_dfc2_b0ec_c000, 0xbd28_a72a_62b8_c13f),
    (297, 0xbfc3_03d7_18e4_8000, 0x3cd6_80b5_ce3e_cb05),
    (296, 0xbfc2_9552_f81f_f000, 0xbd24_8d30_1771_c408),
    (295, 0xbfc2_266f_190a_6000, 0x3d24_d20a_b840_e7f6),
    (293, 0xbfc1_4785_8467_4000, 0xbd15_6345_1027_c750),
    (292, 0xbfc0_d77e_7cd0_9000, 0x3d0a_6996_88e8_5bf4),
    (291, 0xbfc0_6715_12ca_6000, 0x3d2a_4757_9cdc_0a3d),
    (289, 0xbfbf_0a30_c011_6000, 0xbd05_330b_e64b_8b77),
    (288, 0xbfbe_2707_6e2b_0000, 0x3d2a_342c_2af0_003c),
    (287, 0xbfbd_4313_d66c_c000, 0x3d29_4543_7913_5713),
    (286, 0xbfbc_5e54_8f5b_c000, 0xbd1d_0c57_585f_be06),
    (284, 0xbfba_926d_3a4a_e000, 0x3d25_3935_e85b_aac8),
    (283, 0xbfb9_ab42_4620_4000, 0x3d28_a648_2678_7061),
    (282, 0xbfb8_c345_d631_a000, 0x3d13_7c29_4d2f_5668),
    (281, 0xbfb7_da76_6d7b_2000, 0x3d2a_66f7_76fe_6eca),
    (279, 0xbfb6_0658_a937_6000, 0x3d2e_789c_422c_7611),
    (278, 0xbfb5_1b07_3f06_2000, 0x3d1f_025b_61c6_5e57),
    (277, 0xbfb4_2edc_bea6_4000, 0xbd1b_c0ee_ea7c_9acd),
    (276, 0xbfb3_41d7_961b_e000, 0x3d2c_5eda_ccf9_13df),
    (275, 0xbfb2_53f6_2f0a_2000, 0x3d27_d20e_092c_b1fe),
    (274, 0xbfb1_6536_eea3_8000, 0x3d14_7c5e_768f_a309),
    (272, 0xbfaf_0a30_c011_8000, 0x3d2d_599e_8336_8e91),
    (271, 0xbfad_276b_8adb_0000, 0xbd16_a423_c78a_64b0),
    (270, 0xbfab_42dd_7119_8000, 0x3d1c_827a_e5d6_704c),
    (269, 0xbfa9_5c83_0ec9_0000, 0x3d2c_1482_97c5_feb8),
    (268, 0xbfa7_7458_f632_c000, 0xbd2c_fc46_34f2_a1ee),
    (267, 0xbfa5_8a5b_afc9_0000, 0x3d2b_2b73_9570_ad39),
    (266, 0xbfa3_9e87_b9fe_c000, 0x3cf5_02b7_f526_feaa),
    (265, 0xbfa1_b0d9_8923_c000, 0xbd29_7fc2_ca2e_ec8a),
    (264, 0xbf9f_829b_0e78_0000, 0xbd29_8026_7c7e_09e4),
    (263, 0xbf9b_9fc0_27af_8000, 0xbd11_97fb_d465_b759),
    (262, 0xbf97_b91b_07d5_8000, 0xbd28_8d54_93fa_a639),
    (261, 0xbf93_cea4_4346_8000, 0xbd22_ba77_9a52_b7ea),
    (260, 0xbf8f_c0a8_b0fc_0000, 0xbcdf_1e7c_f6d3_a69c),
    (259, 0xbf87_dc47_5f81_0000, 0xbcf4_edba_4a25_e0b1),
    (258, 0xbf7f_e02a_6b10_0000, 0xbd19_e23f_0dda_40e4),
    (256, 0x0000_0000_0000_0000, 0x0000_0000_0000_0000),
    (256, 0x0000_0000_0000_0000, 0x0000_0000_0000_0000),
    (253, 0x3f88_2448_a389_0000, 0xbd27_5577_da74_f640),
    (251, 0x3f94_32a9_2598_0000, 0x3d09_8139_9286_37fe),
    (249, 0x3f9c_63d2_ec14_8000, 0x3d25_78c6_3f9e_b2f3),
    (247, 0x3fa2_52f3_2f8d_0000, 0x3d28_3e9a_e021_b67b),
    (245, 0x3fa6_7c94_f2d4_c000, 0xbd02_9efb_ec19_afa2),
    (244, 0x3fa8_94aa_149f_c000, 0xbd19_7995_d05a_267d),
    (242, 0x3fac_cb73_cddd_c000, 0xbd1a_68f2_47d8_2807),
    (240, 0x3fb0_8598_b59e_4000, 0xbd17_e5dd_7009_902c),
    (238, 0x3fb2_aa04_a447_2000, 0xbd20_b6e8_ae9c_697d),
    (237, 0x3fb3_bdf5_a7d1_e000, 0x3d2c_c85e_a5db_4ed7),
    (235, 0x3fb5_e95a_4d97_a000, 0xbd2c_6906_3c5d_1d1e),
    (233, 0x3fb8_197e_2f40_e000, 0x3d0f_80dc_f96f_fdf7),
    (232, 0x3fb9_335e_5d59_4000, 0x3d23_115c_3abd_47da),
    (230, 0x3fbb_6ac8_8dad_6000, 0xbd13_9080_2bf7_68e5),
    (228, 0x3fbd_a727_6384_4000, 0x3d1a_8940_1fa7_1733),
    (227, 0x3fbe_c739_830a_2000, 0xbd2d_c068_afe6_45e0),
    (225, 0x3fc0_8598_b59e_4000, 0xbd27_e5dd_7009_902c),
    (224, 0x3fc1_178e_8227_e000, 0x3d21_ef78_ce2d_07f2),
    (222, 0x3fc2_3d71_2a49_c000, 0x3d10_0d23_8fd3_df5c),
    (221, 0x3fc2_d161_0c86_8000, 0x3d03_9d6c_cb81_b4a1),
    (219, 0x3fc3_fb45_a599_3000, 0xbd2c_d1d8_7e6a_354d),
    (218, 0x3fc4_913d_8333_b000, 0x3d25_8379_54fd_b678),
    (216, 0x3fc5_bf40_6b54_4000, 0xbd12_7023_eb68_981c),
    (215, 0x3fc6_574e_be8c_1000, 0x3d19_cf8b_2c3c_2e78),
    (213, 0x3fc7_898d_8544_5000, 0xbd1c_6610_7091_4305),
    (212, 0x3fc8_23c1_6551_a000, 0x3d1e_0ddb_9a63_1e83),
    (211, 0x3fc8_beaf_eb39_0000, 0xbd07_3d54_aae9_2cd1),
    (209, 0x3fc9_f6c4_0708_9000, 0x3d29_904d_6865_817a),
    (208, 0x3fca_93ed_3c8a_e000, 0xbd28_7243_5056_2169),
    (207, 0x3fcb_31d8_575b_d000, 0xbd0c_358d_4eac_e1aa),
    (205, 0x3fcc_6ffb_c6f0_1000, 0xbcf1_ec72_c596_2bd2),
    (204, 0x3fcd_1037_f265_6000, 0xbd08_4a7e_75b6_f6e4),
    (203, 0x3fcd_b13d_b0d4_9000, 0xbd2a_ff2a_f715_b035),
    (202, 0x3fce_530e_ffe7_1000, 0x3cc2_1227_6041_f430),
    (200, 0x3fcf_991c_6cb3_b000, 0x3d1b_cbec_ca0c_df30),
    (199, 0x3fd0_1eae_5626_c800, 0xbd16_f08c_1485_e94a),
    (198, 0x3fd0_7138_604d_5800, 0x3cf8_9cdb_16ed_4e91),
    (197, 0x3fd0_c42d_6761_6000, 0x3d27_188b_163c_eae9),
    (196, 0x3fd1_178e_8227_e800, 0xbd2c_210e_63a5_f01c),
    (194, 0x3fd1_bf99_635a_6800, 0x3d2c_a6ed_5147_bdb7),
    (193, 0x3fd2_1445_6d0e_b800, 0x3d0a_87de_ba46_baea),
    (192, 0x3fd2_6962_1134_d800, 0x3d2c_93c1_df5b_b3b6),
    (191, 0x3fd2_bef0_7cdc_9000, 0x3d2a_9cfa_4a50_04f4),
    (190, 0x3fd3_14f1_e1d3_6000, 0xbd28_e27a_d321_3cb8),
    (189, 0x3fd3_6b67_76be_1000, 0x3d11_6ecd_b0f1_77c8),
    (188, 0x3fd3_c252_7733_3000, 0x3d18_3b54_b606_bd5c),
    (187, 0x3fd4_19b4_23d5_e800, 0x3d08_e436_ec90_e09d),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Draws, SiteKey, Uniforms};

    /// Distance in units in the last place.
    fn apart(a: f64, b: f64) -> u64 {
        a.to_bits()
            .cast_signed()
            .abs_diff(b.to_bits().cast_signed())
    }

    fn check(x: f64) {
        let (ours, theirs) = (ln(x), libm::log(x));
        assert!(apart(ours, theirs) <= 1, "ln {x:e}: {ours:e}, {theirs:e}");
    }

    #[test]
    fn uniform_numbers_agree_with_the_library() {
        let mut draws = Draws::new(SiteKey(1), 2);
        for _ in 0..400_000 {
            let u = draws.open01();
            check(u);
            check(1.0 - u * 1e-3);
            check(1.0 + u * 1e-3);
            check(1.0 - u / 64.0);
            check(1.0 + u / 64.0);
        }
    }

    #[test]
    fn numbers_of_every_size_agree_with_the_library() {
        let mut draws = Draws::new(SiteKey(3), 4);
        for _ in 0..400_000 {
            let x = f64::from_bits(draws.next_u64() >> 1);
            if x.is_finite() {
                check(x);
            }
        }
    }

    #[test]
    fn edges_of_all_rows_agree_with_the_library() {
        for row in 0..=TABLE.len() as u64 {
            let edge = f64::from_bits(LEAST + (row << (MANTISSA_BITS - TABLE_BITS)));
            for scale in [1.0, 2.0, 0.5, 1e-16, 1e300] {
                for x in [edge, edge.next_up(), edge.next_down()] {
                    check(x * scale);
                }
            }
        }
    }

    #[test]
    fn the_table_is_what_it_says() {
        for (c, head, tail) in TABLE {
            let sum = f64::from_bits(head) + f64::from_bits(tail);
            assert!(
                apart(sum, -libm::log(f64::from(c) / 256.0) + 0.0) <= 1,
                "{c}"
            );
        }
    }

    #[test]
    fn special_numbers() {
        assert_eq!(ln(1.0).to_bits(), 0);
        assert_eq!(ln(0.0).to_bits(), f64::NEG_INFINITY.to_bits());
        assert_eq!(ln(f64::INFINITY).to_bits(), f64::INFINITY.to_bits());
        assert!(ln(-1.0).is_nan() && ln(f64::NAN).is_nan());
        check(f64::from_bits(1));
        check(f64::MIN_POSITIVE);
    }
}
