import SluiceCore
import Testing

struct PhoneNumberTests {
  static let rows: [(label: String, text: String, countryCode: String?, number: String?)] = [
    ("E.164", "+60177872890", nil, "+60177872890"),
    ("written for people", "+60 (17) 787-28.90", nil, "+60177872890"),
    ("a plus that became a space", " 60177872890", nil, "+60177872890"),
    ("international prefix", "0060177872890", nil, "+60177872890"),
    ("country code without plus", "60177872890", nil, "+60177872890"),
    ("national", "017-787 2890", "60", "+60177872890"),
    ("national, of nowhere", "0177872890", nil, nil),
    ("short code", "12345", "60", nil),
    ("nine digits may be anything", "177872890", "60", nil),
    ("name", "INFO", nil, nil),
    ("letters in it", "+6017CALLME", nil, nil),
    ("plus in the middle", "60+177872890", nil, nil),
    ("other digits", "+٦٠١٧٧٨٧٢٨٩٠", nil, nil),
    ("zero behind the plus", "+060177872890", nil, nil),
    ("sixteen digits", "+1234567890123456", nil, nil),
    ("empty", "", "60", nil),
  ]
  @Test(arguments: rows)
  func reads(label: String, text: String, countryCode: String?, number: String?) {
    #expect(PhoneNumber.e164(text, countryCode: countryCode)?.description == number)
  }
}
