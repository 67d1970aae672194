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
    ("country code without plus, with a default", "4915112345678", "60", "+4915112345678"),
    ("national, with a trunk zero", "0151 12345678", "49", "+4915112345678"),
    ("another country, by 00", "0033612345678", "49", "+33612345678"),
    ("North America, ten digits", "(202) 555-0123", "1", "+12025550123"),
    ("North America, with its one", "1-202-555-0123", "1", "+12025550123"),
    ("North America, to elsewhere", "011 44 7911 123456", "1", "+447911123456"),
    ("North America, elsewhere without plus", "447911123456", "1", "+447911123456"),
    ("Russia, with its eight", "8 916 123-45-67", "7", "+79161234567"),
    ("Russia, ten digits", "9161234567", "7", "+79161234567"),
    ("Russia, with the country code", "79161234567", "7", "+79161234567"),
    ("Hungary, with its 06", "06 30 123 4567", "36", "+36301234567"),
    ("Italy keeps the zero", "06 1234 5678", "39", "+390612345678"),
    ("Italy, a mobile", "333 123 4567", "39", "+393331234567"),
    ("Italy, elsewhere without plus", "447911123456", "39", "+447911123456"),
    ("Greece, ten digits", "6912345678", "30", "+306912345678"),
    ("Spain has no zero", "612 345 678", "34", "+34612345678"),
    ("Spain, a zero all the same", "0612345678", "34", nil),
    ("Denmark, eight digits", "12 34 56 78", "45", "+4512345678"),
    ("Denmark, seven digits", "1234567", "45", nil),
    ("short code", "12345", "60", nil),
    ("short code in Italy", "48123", "39", nil),
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
