"""Every write of the books: post a voucher, reverse one, enter one by hand, close a month. Nothing else is ever done to them."""
