Feature: Account
  Members see what they borrowed.

  Background:
    Given I am on the account page

  Scenario: Ada logs in
    When I log in with card "1042" and PIN "2468"
    Then I am greeted as "Ada"

  Scenario Outline: Wrong PINs are refused
    When I log in with card "<card>" and PIN "<pin>"
    Then I see the error "Card number and PIN do not match."

    Examples:
      | card | pin  |
      | 1042 | 0000 |
      | 2077 | 2468 |

  Scenario: A promise that is not kept
    When I log in with card "1042" and PIN "2468"
    Then I am greeted as "Grace"
