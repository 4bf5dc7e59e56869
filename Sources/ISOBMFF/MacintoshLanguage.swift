/// The numbers that QuickTime files have for languages (QuickTime File Format, "Language Code Values").
enum MacintoshLanguage {
  /// ISO 639-2/T of a number; `nil` of one that means none.
  static func code(_ number: UInt16) -> String? {
    let number = Int(number)
    if first.indices.contains(number) { return first[number] }
    return second.indices.contains(number - secondStart) ? second[number - secondStart] : nil
  }

  private static let first = words(
    """
    eng fra deu ita nld swe spa dan por nor heb jpn ara fin ell isl mlt tur
    hrv zho urd hin tha kor lit pol hun est lav sme fao fas rus zho nld gle
    sqi ron ces slk slv yid srp mkd bul ukr bel uzb kaz aze aze hye kat ron
    kir tgk tuk mon mon pus kur kas snd bod nep san mar ben asm guj pan ori
    mal kan tam tel sin mya khm lao vie ind tgl msa msa amh tir orm som swa
    kin run nya mlg epo
    """)

  private static let secondStart = 128
  private static let second = words(
    """
    cym eus cat lat que grn aym tat uig dzo jav sun glg afr bre iku gla glv
    gle ton ell kal aze
    """)

  private static func words(_ text: String) -> [String] {
    text.split(whereSeparator: \.isWhitespace).map(String.init)
  }
}
